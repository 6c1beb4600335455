from .classes import Thresholds as Thresholds
from .classes import competent as competent
from .episodes import attributed as attributed
from .episodes import played_of as played_of
from .posterior import Fitted as Fitted
from .posterior import fits as fits
from .posterior import posteriors as posteriors
