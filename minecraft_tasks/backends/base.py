"""What an engine must do to show levels: hold N worlds, move N bodies, draw N frames."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from minecraft_tasks.actions import ActionTable
from minecraft_tasks.spec import TaskSpec


class Bodies(NamedTuple):
    """All that moves in N worlds, as copies: put back, they move on exactly as they would have.

    Attributes:
        position: float64[N, 3] feet, in blocks.
        velocity: float64[N, 3] blocks per tick.
        yaw: float64[N] degrees in [-180, 180).
        pitch: float64[N] degrees, positive down.
        on_ground: bool[N].
        jump_wait: int64[N] ticks until a held jump key jumps again.
    """

    position: np.ndarray
    velocity: np.ndarray
    yaw: np.ndarray
    pitch: np.ndarray
    on_ground: np.ndarray
    jump_wait: np.ndarray


class Backend(Protocol):
    """N worlds at once. The arrays are C-contiguous and belong to the engine.

    Attributes:
        blocks: uint8[N, X, Y, Z] palette ids.
        position: float64[N, 3] feet, in blocks.
        velocity: float64[N, 3] blocks per tick.
        yaw: float64[N] degrees in [-180, 180).
        pitch: float64[N] degrees, positive down.
        on_ground: bool[N].
        time: int64[N] time of day in ticks.
        resumable: Whether bodies can be put back as they were, by `restore`.
        num_envs: N.
        faults: Slot -> what went wrong, where the last decision or change of blocks was not
            carried out. Nothing that such a slot holds can be trusted until a level is placed
            there again.
    """

    resumable: bool
    num_envs: int
    faults: dict[int, str]
    blocks: np.ndarray
    position: np.ndarray
    velocity: np.ndarray
    yaw: np.ndarray
    pitch: np.ndarray
    on_ground: np.ndarray
    time: np.ndarray

    def admit(self, spec: TaskSpec, blocks: np.ndarray) -> None:
        """Refuses levels that the engine cannot show, before it starts anything.

        Args:
            spec: The task.
            blocks: uint8[L, X, Y, Z] palette ids of its levels.

        Raises:
            FalseBeaconError: Naming the task, and why.
        """
        ...

    def place(
        self, slots: np.ndarray, blocks: np.ndarray, spawn: np.ndarray, time: np.ndarray
    ) -> None:
        """Puts levels into slots, with a standing body at each spawn.

        Args:
            slots: int64[K].
            blocks: uint8[K, X, Y, Z].
            spawn: float64[K, 5] feet x, y, z in blocks; yaw, pitch in degrees.
            time: int64[K] time of day in ticks.

        Raises:
            FalseBeaconError: If a level cannot be shown.
        """
        ...

    def rest(self, slots: np.ndarray) -> None:
        """Says that nobody plays in slots int64[K] until a level is placed there."""
        ...

    def bodies(self) -> Bodies:
        """Copies of every body's pose and motion."""
        ...

    def restore(self, bodies: Bodies) -> None:
        """Puts bodies back into the levels that they were in.

        Raises:
            FalseBeaconError: If the engine cannot; `resumable` says so beforehand.
        """
        ...

    def act(self, actions: np.ndarray, table: ActionTable, ticks: int) -> None:
        """One decision of every body: int64[N] rows of `table`, held for `ticks` ticks."""
        ...

    def step(self, actions: np.ndarray, table: ActionTable, ticks: int, out: np.ndarray) -> None:
        """`act` and then `frames` into uint8[N, H, W, 3]."""
        ...

    def frames(self, out: np.ndarray, slots: np.ndarray | None = None) -> None:
        """Draws what every body sees into uint8[N, H, W, 3], or only the rows int64[K]."""
        ...

    def refresh(self, slots: np.ndarray) -> None:
        """Takes notice of changed `blocks` in the slots int64[K].

        Some engines let ticks pass meanwhile, and so move a body that was moving.
        """
        ...

    def ids(self, out: np.ndarray, slots: np.ndarray | None = None) -> None:
        """What each pixel of `frames` shows, into uint8[N, H, W], or only the rows int64[K].

        A palette id, or 255 for sky, 254 for the sun, 253 for a beacon's beam.
        """
        ...

    def close(self) -> None:
        """Lets go of what the engine holds; it is of no use afterwards."""
        ...
