from .heldout import measure_success as measure_success
from .interruption import Interruption as Interruption
from .interruption import TrainingStopped as TrainingStopped
from .reporters import LineReporter as LineReporter
from .setup import extend as extend
from .setup import make_env as make_env
from .setup import make_model as make_model
