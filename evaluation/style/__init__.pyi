from .page import page_environment as page_environment
from .palette import candidate_colours as candidate_colours
from .palette import rgb as rgb
from .svg import canvas as canvas
from .svg import to_svg as to_svg
