from .cost_to_go import cost_at as cost_at
from .lattice import make_lattice as make_lattice
from .pursuit import Costs as Costs
from .pursuit import choose_all as choose_all
from .pursuit import costs as costs
from .reachable import decisions_back as decisions_back
from .reachable import places as places
from .replay import ReplayedEpisodes as ReplayedEpisodes
