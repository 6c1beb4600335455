from .page import data_address as data_address
from .page import render_page as render_page
from .palette import candidate_colours as candidate_colours
from .palette import rgb as rgb
from .svg import canvas as canvas
from .svg import to_svg as to_svg
