"""Levels: worlds of a task's split by seed, banks of them, and the locked ones."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
