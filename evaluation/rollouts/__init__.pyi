from .guard import TimeUpError as TimeUpError
from .guard import time_limit as time_limit
from .rollout import merge as merge
from .stopwatch import Report as Report
from .stopwatch import Stopwatch as Stopwatch
from .suite import Played as Played
from .suite import play as play
