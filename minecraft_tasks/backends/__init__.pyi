from .base import Backend as Backend
from .base import Bodies as Bodies
from .failures import Losses as Losses
from .make import make_backend as make_backend
from .minerl_settings import MineRLSettings as MineRLSettings
from .minerl_settings import Tally as Tally
