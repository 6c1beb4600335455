from .across_runs import Pooled as Pooled
from .conditional_logit import Choices as Choices
from .conditional_logit import fit_logit as fit_logit
from .conditional_logit import separating_direction as separating_direction
from .estimates import Estimate as Estimate
from .estimates import percent as percent
from .estimates import proportion as proportion
from .estimates import unit_mean as unit_mean
