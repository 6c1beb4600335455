from .camera import Camera as Camera
from .figures import draw_figures as draw_figures
from .level import draw_level as draw_level
from .tilted import draw_tilted as draw_tilted
