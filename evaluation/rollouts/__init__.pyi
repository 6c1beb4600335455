from .guard import TimeUpError as TimeUpError
from .guard import time_limit as time_limit
from .rollout import merge as merge
from .suite import RolloutSuite as RolloutSuite
from .suite import Stopwatch as Stopwatch
from .suite import play as play
