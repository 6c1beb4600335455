from .base import Recipe as Recipe
from .base import Task as Task
from .builtin import TASKS as TASKS
from .builtin import recorded_task as recorded_task
from .builtin import task as task
from .plugins import offered as offered
from .splits import standard_splits as standard_splits
