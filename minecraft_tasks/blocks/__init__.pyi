from .block import Block as Block
from .figures import FIGURES as FIGURES
from .figures import figure_id as figure_id
from .palette import PALETTE as PALETTE
from .palette import block_id as block_id
from .palette import connected as connected
from .shapes import Box as Box
