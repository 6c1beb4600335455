"""What a world is, and what happens in it: tasks, levels, engines, environments.

Importing this package registers every task with gymnasium, and loads neither gymnasium nor an
engine by itself:

    gymnasium.make("falsebeacon/BeaconShrine-v1", split="train", seed=0)
    gymnasium.make_vec("falsebeacon/BeaconShrine-v1", num_envs=128)
"""

import lazy_loader

from minecraft_tasks.registration import register_when_loaded

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

register_when_loaded()
