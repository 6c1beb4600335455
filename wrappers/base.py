"""Base of the wrappers around batched environments, whose state training saves and restores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv, VectorWrapper


class StateWrapper(VectorWrapper):
    """Adds its own state to that of an environment with `state` and `restore`."""

    def __init__(self, env: VectorEnv) -> None:
        super().__init__(env)
        self._inner: Any = env
        self.depth: int = getattr(env, "depth", 0) + 1
        self._prefix = f"wrapper{self.depth}."

    def state(self) -> dict[str, np.ndarray]:
        """All that later steps depend on, as copies."""
        own = {f"{self._prefix}{key}": values for key, values in self.own_state().items()}
        return {**self._inner.state(), **own}

    def restore(self, state: Mapping[str, np.ndarray]) -> np.ndarray:
        """Goes on from a `state`, and gives the observations uint8[N, ...] of that step."""
        own = {key.removeprefix(self._prefix): values for key, values in state.items()}
        return self.own_restore(own, self._inner.restore(state))

    def own_state(self) -> dict[str, np.ndarray]:
        """The state that this wrapper adds."""
        return {}

    def own_restore(self, state: Mapping[str, np.ndarray], frames: np.ndarray) -> np.ndarray:
        """Restores `own_state`, and changes the environment's frames as they were then."""
        return frames
