"""Minecraft's ground physics, one tick at a time.

The order of operations is that of Minecraft 1.11's `EntityLivingBase.moveEntityWithHeading`
and `Entity.move`: velocities too small to matter are dropped, the keys accelerate, the body
moves along y, then x, then z, and drag and gravity act on the remaining velocity.

`tick` works on one body and is meant to be called from compiled code. It allocates nothing.
Above the array is air. Beyond its sides and below it is `Shapes.outside`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from minecraft_tasks.blocks.palette import AIR, block_id
from minecraft_tasks.core.errors import FalseBeaconError, lookup
from minecraft_tasks.physics.collision import BODY_HEIGHT, CONTACT, HALF_WIDTH, move, shapes
from minecraft_tasks.physics.compiled import called, njit

EYE = 1.62
GRAVITY, AIR_DRAG = 0.08, 0.98
GROUND_INERTIA, AIR_INERTIA = 0.6 * 0.91, 0.91
GROUND_ACCELERATION = 0.1 * 0.16277136 / GROUND_INERTIA**3
AIR_ACCELERATION = 0.02
JUMP_VELOCITY, JUMP_WAIT = 0.42, 10
KEY_STRENGTH = 0.98
_NEGLIGIBLE = 0.003

STANDING_FALL = -GRAVITY * AIR_DRAG
"""Vertical velocity of a standing body between ticks; the ground stops it."""

_FARTHEST = (1.0, 4.0, 1.0)
"""Upper bound on a body's motion in one tick along x, y, z: it falls at 3.92 at most."""

_KEYS: dict[str, None] = dict.fromkeys(("forward", "back", "left", "right", "jump", "yaw"))


class Body(NamedTuple):
    """State of one body between ticks.

    Attributes:
        x, y, z: Feet, in blocks.
        vx, vy, vz: Velocity carried into the next tick, in blocks per tick.
        on_ground: Whether the body is on a block.
        jump_wait: Ticks until a held jump key jumps again.
    """

    x: float
    y: float
    z: float
    vx: float
    vy: float
    vz: float
    on_ground: bool
    jump_wait: int


def standing(x: float, y: float, z: float) -> Body:
    """A body that has been standing with its feet at (x, y, z)."""
    return Body(float(x), float(y), float(z), 0.0, STANDING_FALL, 0.0, True, 0)


@called
def tick(blocks, shapes, body, forward, strafe, jump, yaw):
    """One game tick of one body.

    Args:
        blocks: uint8[X, Y, Z] palette ids.
        shapes: `Shapes`.
        body: `Body` before the tick.
        forward: 1 forward, -1 back, 0 neither.
        strafe: 1 left, -1 right, 0 neither.
        jump: Whether the jump key is held.
        yaw: Degrees, already turned for this tick.

    Returns:
        `Body` after the tick.
    """
    vx = body.vx if abs(body.vx) >= _NEGLIGIBLE else 0.0
    vy = body.vy if abs(body.vy) >= _NEGLIGIBLE else 0.0
    vz = body.vz if abs(body.vz) >= _NEGLIGIBLE else 0.0
    wait = max(body.jump_wait - 1, 0) if jump else 0
    if jump and body.on_ground and wait == 0:
        vy = JUMP_VELOCITY
        wait = JUMP_WAIT

    inertia = GROUND_INERTIA if body.on_ground else AIR_INERTIA
    if forward != 0 or strafe != 0:
        ahead, left = forward * KEY_STRENGTH, strafe * KEY_STRENGTH
        scale = GROUND_ACCELERATION if body.on_ground else AIR_ACCELERATION
        scale /= max(math.sqrt(ahead * ahead + left * left), 1.0)
        sine, cosine = math.sin(math.radians(yaw)), math.cos(math.radians(yaw))
        vx += scale * (left * cosine - ahead * sine)
        vz += scale * (ahead * cosine + left * sine)

    dx, dy, dz, landed, stopped = move(
        blocks, shapes, body.x, body.y, body.z, vx, vy, vz, body.on_ground
    )
    vx = vx if dx == vx else 0.0
    vz = vz if dz == vz else 0.0
    vy = 0.0 if stopped else vy
    return Body(
        body.x + dx, body.y + dy, body.z + dz,
        vx * inertia, (vy - GRAVITY) * AIR_DRAG, vz * inertia,
        landed, wait,
    )  # fmt: skip


@called
def decide(blocks, shapes, body, yaw, forward, strafe, jump, turn, ticks):
    """One decision of one body: `ticks` ticks, the turn spread evenly over them.

    Each tick turns first and then moves, as the Minecraft client does.

    Returns:
        (`Body`, yaw in degrees in [-180, 180)).
    """
    for index in range(ticks):
        body = tick(blocks, shapes, body, forward, strafe, jump, yaw + turn * (index + 1) / ticks)
    return body, (yaw + turn + 180.0) % 360.0 - 180.0


@njit(cache=True, nogil=True)
def decide_all(
    slots, blocks, shapes, position, velocity, on_ground, jump_wait, yaw,
    actions, forward, strafe, jump, turn, ticks,
):  # fmt: skip
    """One decision of some of N bodies in N worlds, in place.

    Args:
        slots: int64[K] indices of the bodies.
        blocks: uint8[N, X, Y, Z].
        shapes: `Shapes`.
        position, velocity: float64[N, 3]; on_ground bool[N]; jump_wait int64[N]; yaw float64[N].
        actions: int64[N] rows of the action table.
        forward, strafe: int64[A]; jump bool[A]; turn float64[A] in degrees.
        ticks: Game ticks of the decision.
    """
    for k in range(slots.shape[0]):
        i, a = slots[k], actions[slots[k]]
        body = Body(
            position[i, 0], position[i, 1], position[i, 2],
            velocity[i, 0], velocity[i, 1], velocity[i, 2],
            on_ground[i], jump_wait[i],
        )  # fmt: skip
        body, yaw[i] = decide(
            blocks[i], shapes, body, yaw[i], forward[a], strafe[a], jump[a], turn[a], ticks
        )
        position[i, 0], position[i, 1], position[i, 2] = body.x, body.y, body.z
        velocity[i, 0], velocity[i, 1], velocity[i, 2] = body.vx, body.vy, body.vz
        on_ground[i] = body.on_ground
        jump_wait[i] = body.jump_wait


@njit(cache=True)
def _replay(blocks, shapes, body, forward, strafe, jump, yaw, out):
    for index in range(len(yaw)):
        body = tick(blocks, shapes, body, forward[index], strafe[index], jump[index], yaw[index])
        out[index, 0], out[index, 1], out[index, 2] = body.x, body.y, body.z


def _cells(solid: ArrayLike) -> np.ndarray:
    """Cells as int64[K, 3]."""
    try:
        cells = np.asarray(solid)
    except ValueError:
        raise FalseBeaconError("solid must be int[K, 3]; its rows differ in length.") from None
    if not cells.size:
        return np.empty((0, 3), np.int64)
    if cells.ndim != 2 or cells.shape[1] != 3 or cells.dtype.kind not in "iu":
        raise FalseBeaconError(
            f"solid must be int[K, 3], a row (x, y, z) for each block, "
            f"not {cells.dtype}{list(cells.shape)}."
        )
    return cells.astype(np.int64)


def _finite(what: str, value: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        array = np.array(np.nan)
    if array.shape != shape or not np.isfinite(array).all():
        raise FalseBeaconError(f"{what}, not {value!r}.")
    return array


def _check_room(cells: np.ndarray, feet: np.ndarray) -> None:
    """Raises an error for a start inside a block, which would not stop the body."""
    low = np.subtract(feet, (HALF_WIDTH, 0.0, HALF_WIDTH))
    high = np.add(feet, (HALF_WIDTH, BODY_HEIGHT, HALF_WIDTH))
    inside = ((cells < high - CONTACT) & (cells + 1 > low + CONTACT)).all(axis=1)
    if inside.any():
        raise FalseBeaconError(
            f"start {tuple(feet.tolist())} is inside of the block at "
            f"{tuple(cells[inside][0].tolist())}; move the start or clear the block."
        )


def _yaw(tick: int, keys: Mapping[str, float]) -> float:
    """Yaw of one tick, whose keys are checked."""
    for name in keys:
        lookup("key", name, _KEYS, where=f"tick {tick}")
    return float(_finite(f"yaw of tick {tick} must be finite degrees", keys.get("yaw", 0.0), ()))


def replay(
    solid: ArrayLike,
    start: Sequence[float],
    keys: Sequence[Mapping[str, float]],
    on_ground: bool = False,
) -> np.ndarray:
    """Feet position after each tick, among full blocks in otherwise empty space.

    Args:
        solid: int[K, 3] cells of full blocks, those of the floor included; the rest is air.
        start: Feet (x, y, z) of a body without velocity.
        keys: T mappings with ``forward``, ``back``, ``left``, ``right``, ``jump`` (bool) and
            ``yaw`` (degrees); a key that is missing is not held, a missing yaw is 0.
        on_ground: Whether the body has landed. A body placed in Minecraft has not: it falls onto
            its floor in the second tick, even from a height of zero.

    Returns:
        float64[T, 3] in blocks.

    Raises:
        FalseBeaconError: If `solid` has another shape or type, a start or yaw is not finite, or
            the start is inside a block.
        UnknownNameError: If a key does not exist.
    """
    cells = _cells(solid)
    feet = _finite("start must be three finite coordinates (x, y, z)", start, (3,))
    _check_room(cells, feet)
    yaw = np.array([_yaw(tick, key) for tick, key in enumerate(keys)], np.float64)

    # Blocks out of reach are dropped, so that one far block does not fill the memory with air.
    reach = np.multiply(_FARTHEST, len(keys) + 1) + BODY_HEIGHT
    cells = cells[(np.abs(cells + 0.5 - feet) <= reach + 0.5).all(axis=1)]
    corner = cells.min(axis=0) if len(cells) else np.zeros(3, np.int64)
    shape = cells.max(axis=0) - corner + 1 if len(cells) else np.ones(3, np.int64)
    blocks = np.zeros(shape, np.uint8)
    blocks[tuple((cells - corner).T)] = block_id("stone_bricks")

    def held(name: str) -> np.ndarray:
        return np.array([int(bool(key.get(name, False))) for key in keys], np.int64)

    x, y, z = (feet - corner).tolist()
    out = np.empty((len(keys), 3))
    _replay(
        blocks, shapes(outside=AIR), Body(x, y, z, 0.0, 0.0, 0.0, on_ground, 0),
        held("forward") - held("back"), held("left") - held("right"), held("jump").astype(bool),
        yaw, out,
    )  # fmt: skip
    return out + corner
