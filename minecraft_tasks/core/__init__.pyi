from .errors import CorruptFileError as CorruptFileError
from .errors import FalseBeaconError as FalseBeaconError
from .errors import StaleError as StaleError
from .errors import lookup as lookup
from .files import read_model as read_model
from .files import write_model as write_model
from .files import write_text as write_text
from .records import Record as Record
