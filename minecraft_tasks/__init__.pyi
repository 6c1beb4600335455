from .env import MinecraftTaskEnv as MinecraftTaskEnv
from .env import make_vector_env as make_vector_env
from .spec import TaskSpec as TaskSpec
from .tasks import TASKS as TASKS
from .tasks import task as task
from .vector import MinecraftTaskVectorEnv as MinecraftTaskVectorEnv
