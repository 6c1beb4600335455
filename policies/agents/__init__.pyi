from .base import Agent as Agent
from .base import Decision as Decision
from .base import RandomAgent as RandomAgent
from .devices import behaviours as behaviours
from .loading import load_agent as load_agent
from .oracles import OracleAgent as OracleAgent
from .oracles import first_target as first_target
from .oracles import parse_aim as parse_aim
