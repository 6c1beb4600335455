from .classes import class_of as class_of
from .episodes import Episodes as Episodes
from .episodes import Records as Records
from .episodes import Steps as Steps
from .episodes import read_episodes as read_episodes
from .info import EvaluationInfo as EvaluationInfo
from .info import now as now
from .info import read_info as read_info
