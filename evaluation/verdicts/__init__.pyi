from .judged_runs import JudgedRun as JudgedRun
from .judged_runs import read_judged as read_judged
from .pooling import judge_set as judge_set
from .record import CalibrationStatus as CalibrationStatus
from .record import Verdict as Verdict
from .set_record import Group as Group
from .set_record import SetVerdict as SetVerdict
from .verdict import judge as judge
