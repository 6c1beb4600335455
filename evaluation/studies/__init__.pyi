from .file import read_study as read_study
from .jobs import Cluster as Cluster
from .jobs import RunJob as RunJob
from .jobs import SlurmOptions as SlurmOptions
from .session import run_study as run_study
from .session import show_plan as show_plan
from .table import ChangeLines as ChangeLines
from .table import LiveTable as LiveTable
