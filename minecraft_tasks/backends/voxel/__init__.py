"""The embedded engine: Minecraft's looks and physics, for many worlds at once, on the CPU."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
