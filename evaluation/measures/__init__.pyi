from .capability import Capability as Capability
from .capability import Gate as Gate
from .capability import spl as spl
from .preference import Measure as Measure
from .preference import Pair as Pair
from .preference import Share as Share
from .preference_file import PreferenceModel as PreferenceModel
from .preference_file import read_preference as read_preference
