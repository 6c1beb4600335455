from .finite import NotFiniteError as NotFiniteError
from .finite import require_finite as require_finite
from .finite import require_sound as require_sound
from .recurrent_ppo import RecurrentPPO as RecurrentPPO
from .recurrent_ppo import StockRecurrentPPO as StockRecurrentPPO
