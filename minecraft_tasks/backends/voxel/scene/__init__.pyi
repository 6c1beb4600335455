from .light_cache import LitLevels as LitLevels
from .scene import Look as Look
from .scene import Scene as Scene
from .scene import one as one
from .scene import palette_look as palette_look
from .scene import update_scene as update_scene
