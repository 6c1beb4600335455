from .bank import LevelBank as LevelBank
from .bank import subset as subset
from .generate import level as level
from .generate import seeded_bank as seeded_bank
from .locked import locked_bank as locked_bank
from .locked import locked_seeds as locked_seeds
from .seed_file import LockedLevel as LockedLevel
