"""The protocol of engines: hold N worlds, move N bodies, draw N frames."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from minecraft_tasks.actions import ActionTable
from minecraft_tasks.spec import TaskSpec


class Bodies(NamedTuple):
    """State of N bodies, as copies; after `restore` they move exactly as they would have.

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
        position, velocity, yaw, pitch, on_ground: As in `Bodies`.
        time: int64[N] time of day in ticks.
        resumable: Whether `restore` works.
        num_envs: N.
        faults: Slot -> reason, where the last decision or change of blocks failed. Such a slot is
            invalid until a level is placed there again.
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
        """Refuses levels that the engine cannot show, before anything starts.

        Args:
            spec: The task.
            blocks: uint8[L, X, Y, Z] palette ids of its levels.

        Raises:
            FalseBeaconError: With the task and the reason.
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
        """Leaves slots int64[K] idle until a level is placed there."""
        ...

    def bodies(self) -> Bodies:
        """Copies of every body's pose and motion."""
        ...

    def restore(self, bodies: Bodies) -> None:
        """Puts bodies back into their levels; raises `FalseBeaconError` if not `resumable`."""
        ...

    def act(self, actions: np.ndarray, table: ActionTable, ticks: int) -> None:
        """Carries out a decision of every body: int64[N] rows of `table`, held for `ticks`."""
        ...

    def step(self, actions: np.ndarray, table: ActionTable, ticks: int, out: np.ndarray) -> None:
        """`act` and then `frames` into uint8[N, H, W, 3]."""
        ...

    def frames(self, out: np.ndarray, slots: np.ndarray | None = None) -> None:
        """Draws every body's view into uint8[N, H, W, 3], or only the rows int64[K]."""
        ...

    def refresh(self, slots: np.ndarray) -> None:
        """Applies changed `blocks` of the slots int64[K]; ticks may pass, and bodies move on."""
        ...

    def ids(self, out: np.ndarray, slots: np.ndarray | None = None) -> None:
        """Draws each pixel's palette id into uint8[N, H, W], or only the rows int64[K].

        255 is sky, 254 the sun, 253 a beacon's beam.
        """
        ...

    def close(self) -> None:
        """Releases the engine's resources; it cannot be used afterwards."""
        ...
