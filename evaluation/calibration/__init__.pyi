from .calibrate import Calibration as Calibration
from .calibrate import ConfusionRow as ConfusionRow
from .calibrate import scores as scores
from .file import calibration_text as calibration_text
from .file import read_calibration as read_calibration
from .file import trusted as trusted
from .scripted import scripted_agents as scripted_agents
