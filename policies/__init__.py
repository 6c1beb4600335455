"""Networks, recurrent PPO, the training loop, run directories, and agents of every origin."""

import os

# torch's threads spin for milliseconds after each parallel region, on cores that the engine's
# threads wait for. The OpenMP library reads this once, when torch is first loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "30000")
