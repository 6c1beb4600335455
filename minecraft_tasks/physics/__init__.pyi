from .collision import shapes as shapes
from .compiled import njit as njit
from .motion import Body as Body
from .motion import decide as decide
from .motion import replay as replay
from .motion import standing as standing
from .threads import Workers as Workers
