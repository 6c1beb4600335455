"""Review of recorded episodes: a site that shows each in step with all that is known of it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
