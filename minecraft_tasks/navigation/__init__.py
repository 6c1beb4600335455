"""Costs-to-go in the agent's action space, optimal walks, and replayed episodes."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
