"""Base of wrappers around batched environments: training saves their state, and takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv, VectorWrapper


class StateWrapper(VectorWrapper):
    """A wrapper whose `state` is the environment's and its own, each key after its depth.

    Args:
        env: An environment with `state` and `restore`, as `MinecraftTaskVectorEnv`.
    """

    def __init__(self, env: VectorEnv) -> None:
        super().__init__(env)
        self.depth: int = getattr(env, "depth", 0) + 1

    def state(self) -> dict[str, np.ndarray]:
        """All that later steps depend on, as copies."""
        env: Any = self.env
        own = {f"wrapper{self.depth}.{key}": values for key, values in self.own_state().items()}
        return {**env.state(), **own}

    def restore(self, state: Mapping[str, np.ndarray]) -> np.ndarray:
        """Goes on from a `state`.

        Returns:
            Observations uint8[N, ...], as they were then.
        """
        env: Any = self.env
        prefix = f"wrapper{self.depth}."
        own = {key.removeprefix(prefix): values for key, values in state.items()}
        return self.own_restore(own, env.restore(state))

    def own_state(self) -> dict[str, np.ndarray]:
        """What this wrapper adds; nothing where it keeps nothing."""
        return {}

    def own_restore(self, state: Mapping[str, np.ndarray], frames: np.ndarray) -> np.ndarray:
        """Takes back what `own_state` gave, and makes of the environment's frames what is seen."""
        return frames
