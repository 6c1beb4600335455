from .architecture import policy_class as policy_class
from .encoder import FrameEncoder as FrameEncoder
from .encoder import policy_kwargs as policy_kwargs
from .space_to_depth import fold as fold
from .step import State as State
from .step import States as States
from .step import resolved as resolved
from .step import zero_states as zero_states
