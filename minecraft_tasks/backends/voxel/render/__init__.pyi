from .camera import Camera as Camera
from .cell import paint as paint
from .cell import texel as texel
from .foreground import draw_figures as draw_figures
from .level import draw_level as draw_level
from .rays import draw_pixel as draw_pixel
from .rays import draw_rays as draw_rays
from .tilted import draw_tilted as draw_tilted
