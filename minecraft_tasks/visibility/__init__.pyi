from .films import film as film
from .films import shown_around as shown_around
from .footprint import enough as enough
from .footprint import marker_ids as marker_ids
from .pixel_area import area as area
from .sightings import Lookout as Lookout
