"""Actions of a task, and checks of the arrays that an environment is given.

numpy is imported where arrays are made, since every command reads specs and few make arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.records import Record

if TYPE_CHECKING:
    import numpy as np


def check_indices(kind: str, indices: np.ndarray, num_envs: int, count: int) -> np.ndarray:
    """Actions or levels as int64[N].

    Raises:
        FalseBeaconError: If they are not N whole numbers from 0 to `count` - 1.
    """
    import numpy as np

    given = np.asarray(indices)
    if given.shape != (num_envs,) or given.dtype.kind not in "iu":
        raise FalseBeaconError(
            f"{kind}s must be {num_envs} whole numbers from 0 to {count - 1}, got"
            f" {given.dtype}{list(given.shape)}."
        )
    bad = (given < 0) | (given >= count)
    if bad.any():
        slot = int(bad.argmax())
        raise FalseBeaconError(
            f"{kind} out of range: {given[slot]} in environment {slot};"
            f" {kind}s go from 0 to {count - 1}."
        )
    return given.astype(np.int64)


def check_mask(mask: np.ndarray, num_envs: int) -> np.ndarray:
    """The mask of a reset.

    Raises:
        FalseBeaconError: If it is not bool[N].
    """
    import numpy as np

    given = np.asarray(mask)
    if given.shape != (num_envs,) or given.dtype != bool:
        raise FalseBeaconError(
            f"reset_mask must be bool[{num_envs}], got {given.dtype}{list(given.shape)}."
        )
    return given


def check_count(kind: str, count: int) -> int:
    """A number of environments, pixels, threads or levels.

    Raises:
        FalseBeaconError: If it is not a whole number of at least 1.
    """
    import numpy as np

    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 1:
        raise FalseBeaconError(f"{kind} must be a whole number of at least 1, got {count!r}.")
    return int(count)


def check_action(action: Any, count: int) -> int:
    """The action of a single environment.

    Raises:
        FalseBeaconError: If it is not one whole number from 0 to `count` - 1.
    """
    import numpy as np

    given = np.asarray(action)
    whole = f"a single environment takes one action, a whole number from 0 to {count - 1}"
    if given.shape != ():
        raise FalseBeaconError(f"{whole}, not an array of shape {given.shape}: give action.item().")
    if given.dtype.kind not in "iu":
        raise FalseBeaconError(f"{whole}, not {action!r}.")
    if not 0 <= given < count:
        raise FalseBeaconError(f"action out of range: {given}; actions go from 0 to {count - 1}.")
    return int(given)


class ActionTable(NamedTuple):
    """A task's actions as arrays, one row per action.

    Attributes:
        forward: int64[A], 1 forward, -1 back.
        strafe: int64[A], 1 left, -1 right.
        jump: bool[A].
        turn: float64[A] degrees of yaw over the whole decision, positive to the right.
    """

    forward: np.ndarray
    strafe: np.ndarray
    jump: np.ndarray
    turn: np.ndarray

    @classmethod
    def of(cls, actions: Sequence[Action]) -> ActionTable:
        """The table of a task's `actions`."""
        import numpy as np

        return cls(
            np.array([action.forward for action in actions], np.int64),
            np.array([action.strafe for action in actions], np.int64),
            np.array([action.jump for action in actions], np.bool_),
            np.array([action.turn for action in actions], np.float64),
        )


class Action(Record):
    """One decision: keys held, and degrees turned, over `TaskSpec.ticks` ticks.

    Attributes:
        name: For example ``forward``.
        forward: 1 for the forward key, -1 for back, 0 for neither.
        strafe: 1 for the left key, -1 for right, 0 for neither.
        jump: Whether the jump key is held.
        turn: Degrees of yaw over the whole decision (positive turns right).
    """

    name: str
    forward: int = 0
    strafe: int = 0
    jump: bool = False
    turn: float = 0.0


def navigation(turn: float) -> tuple[Action, ...]:
    """Forward, and turns of so many degrees to the left and to the right."""
    return (
        Action(name="forward", forward=1),
        Action(name="turn_left", turn=-turn),
        Action(name="turn_right", turn=turn),
    )


NAVIGATION = navigation(15.0)
