from .bars import checks as checks
from .compare import compare_sides as compare_sides
from .engines import Sides as Sides
from .levels import chosen_levels as chosen_levels
from .page import parity_text as parity_text
from .page import sentence as sentence
from .page import write_page as write_page
