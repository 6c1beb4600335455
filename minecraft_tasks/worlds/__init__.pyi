from .layout import ground as ground
from .layout import layout_hash as layout_hash
from .sites import first_touched as first_touched
from .sites import touched as touched
from .world import Pose as Pose
from .world import Site as Site
from .world import World as World
from .world import sun_direction as sun_direction
