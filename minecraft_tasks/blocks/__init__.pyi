from .block import Block as Block
from .figures import FigurePart as FigurePart
from .figures import figure_id as figure_id
from .figures import part_table as part_table
from .palette import block_id as block_id
from .palette import box_table as box_table
from .palette import collision_table as collision_table
from .shapes import Box as Box
