from .base import Backend as Backend
from .base import Bodies as Bodies
from .failures import FailureBudget as FailureBudget
from .make import BACKENDS as BACKENDS
from .make import make_backend as make_backend
from .minerl_settings import BackendName as BackendName
from .minerl_settings import EngineTally as EngineTally
from .minerl_settings import MineRLSettings as MineRLSettings
