"""Measures of one evaluation: capability, preference, exchange rate, ranking."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
