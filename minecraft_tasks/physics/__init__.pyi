from .collision import shapes as shapes
from .compiled import inner as inner
from .compiled import inner_call as inner_call
from .compiled import njit as njit
from .compiled import prange as prange
from .motion import Body as Body
from .motion import decide as decide
from .threads import Workers as Workers
