from .config import Precision as Precision
from .config import TrainingConfig as TrainingConfig
from .config import make_config as make_config
from .progress import ProgressRow as ProgressRow
from .progress import read_rows as read_rows
from .provenance import git_state as git_state
from .record import RunRecord as RunRecord
from .record import read_run as read_run
