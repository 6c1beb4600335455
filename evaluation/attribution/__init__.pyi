from .episodes import attributed as attributed
from .episodes import played_of as played_of
from .posterior import Fitted as Fitted
from .posterior import Thresholds as Thresholds
from .posterior import classes as classes
from .posterior import competent as competent
from .posterior import fits as fits
from .posterior import posteriors as posteriors
