"""Levels: the worlds of a task's splits by seed, banks of them, and locked levels."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
