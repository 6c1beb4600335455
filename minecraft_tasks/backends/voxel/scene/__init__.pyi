from .bits import highest as highest
from .bits import lowest as lowest
from .bits import run as run
from .scene import Look as Look
from .scene import Scene as Scene
from .scene import one as one
from .scene import palette_look as palette_look
from .scene import update_scene as update_scene
