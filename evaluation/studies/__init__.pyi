from .file import read_study as read_study
from .jobs import RunJob as RunJob
from .request import SlurmOptions as SlurmOptions
from .request import StudyRequest as StudyRequest
from .runs import planned_runs as planned_runs
from .session import run_study as run_study
