from .cluster import SlurmOptions as SlurmOptions
from .file import read_study as read_study
from .jobs import RunJob as RunJob
from .runs import planned_runs as planned_runs
from .session import StudyRequest as StudyRequest
from .session import run_study as run_study
