from .atlas import texture as texture
from .atlas import textures as textures
from .figures import figure_texture as figure_texture
from .figures import figure_textures as figure_textures
