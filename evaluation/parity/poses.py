"""Poses that together show all of a level: candidates first, then the rest."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from evaluation.parity.pixels import BLOCK_NAMES, KINDS, pixels_inside
from evaluation.parity.scripts import embedded
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.navigation.reachable import places
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.visibility.footprint import FRAME_SIDE, marker_ids

_DISTANCES = (1.5, 4.0, 9.0)
"""Blocks from the feet to the edge of a site."""

ASIDE = (0.0, -17.0, 17.0)
"""Degrees by which a gaze misses the middle of a site; headings that turns do not lead to."""

_TRIES = 12
"""Places at about one distance of which the one that shows most of a candidate is taken."""

_BESIDE = 0.75
"""Blocks by which a place may be nearer or farther, where there are such places."""

WIDER = 8
"""Factor of places to try where a candidate is hidden from all of those."""

GAZES = 64
"""Random poses to choose from, besides as many as are asked for."""

ENOUGH = 60
"""Pixels of a block that need not be more."""

AIMED = 2 / 3
"""Share of the poses of a level that look at candidates."""


class GazePose(NamedTuple):
    """A body that stands, gaze level.

    Attributes:
        aim: Purpose of the pose.
        feet: x, y, z in blocks.
        yaw: Whole degrees, which single precision holds.
    """

    aim: str
    feet: tuple[float, float, float]
    yaw: float


class Outlook:
    """A level, its free places, and the views from them."""

    def __init__(self, spec: TaskSpec, bank: LevelBank, row: int) -> None:
        self._engine = embedded(spec, bank, row)
        self.sites = bank.sites[row]
        self.free = places(bank.blocks[row], bank.spawn[row], self.sites[spec.intended])

    def inside(self, pose: GazePose) -> np.ndarray:
        """Pixels of each kind that are not at an edge, from a pose: int64[256]."""
        self._engine.position[0], self._engine.yaw[0] = pose.feet, pose.yaw
        ids = np.empty((1, FRAME_SIDE, FRAME_SIDE), np.uint8)
        self._engine.ids(ids)
        return pixels_inside(ids[0])


def poses(
    spec: TaskSpec, bank: LevelBank, row: int, count: int, rng: np.random.Generator
) -> list[GazePose]:
    """Poses on reachable places of a level: some look at candidates, the others around.

    Where there are fewer poses than pairs of candidate and distance, each level continues with the
    pairs after those of the level before.
    """
    outlook = Outlook(spec, bank, row)
    present = np.flatnonzero(np.isfinite(outlook.sites[:, 0])).tolist()
    wanted = [(candidate, away) for away in _DISTANCES for candidate in present]
    first = math.ceil(AIMED * count)
    made = []
    for index in range(first):
        candidate, away = wanted[(row * first + index) % len(wanted)]
        # Another gaze where a candidate's turn comes again.
        aside = ASIDE[(index + index // len(wanted)) % len(ASIDE)]
        made.append(_facing(spec, outlook, candidate, away, aside, made))
    return made + _around(outlook, count - first, made, rng)


def _facing(
    spec: TaskSpec, outlook: Outlook, candidate: int, away: float, aside: float,
    made: list[GazePose],
) -> GazePose:  # fmt: skip
    """The pose about `away` blocks off that shows most of a candidate, preferably a new one."""
    site, free = outlook.sites[candidate], outlook.free
    distance = np.hypot(*(np.clip(free, site[:3], site[3:]) - free)[:, [0, 2]].T)
    beside = np.abs(distance - away)
    order = np.argsort(beside, kind="stable")
    near = order[:_TRIES]
    near = near[beside[near] <= max(_BESIDE, beside[near[0]])]
    kinds = marker_ids(spec.candidates[candidate])
    name, middle = spec.candidate_names[candidate], (site[:3] + site[3:]) / 2
    tried: list[tuple[bool, int, GazePose]] = []
    # From where walls do not hide it, if they hide it from as far as that.
    for rows in (near, order[: WIDER * _TRIES]):
        for index in rows.tolist():
            aim = f"{name} from {distance[index]:.1f} blocks"
            pose = GazePose(aim, _feet(free[index]), _towards(free[index], middle, aside))
            new = all(pose[1:] != other[1:] for other in made)
            tried.append((new, int(outlook.inside(pose)[kinds].sum()), pose))
        if any(new and seen for new, seen, _ in tried):
            break
    return max(tried, key=lambda each: each[:2])[2]


def _towards(feet: np.ndarray, middle: np.ndarray, aside: float) -> float:
    """Yaw in whole degrees that misses a place by so much."""
    dx, _, dz = (middle - feet).tolist()
    return (round(math.degrees(math.atan2(-dx, dz))) + aside + 180.0) % 360.0 - 180.0


def _around(
    outlook: Outlook, count: int, made: list[GazePose], rng: np.random.Generator
) -> list[GazePose]:
    """Gazes chosen one after the other, each for the blocks that were shown least so far."""
    gazes = GAZES + count
    feet = outlook.free[rng.integers(len(outlook.free), size=gazes)]
    yaws = rng.integers(-180, 180, size=gazes).tolist()
    pool = [GazePose("", _feet(at), float(yaw)) for at, yaw in zip(feet, yaws, strict=True)]
    shown = np.array([np.minimum(outlook.inside(pose), ENOUGH) for pose in pool])
    left = np.full(KINDS, ENOUGH)
    for pose in made:
        left = np.maximum(left - outlook.inside(pose), 0)
    chosen = []
    for _ in range(count):
        if not np.minimum(shown, left).any():
            left[:] = ENOUGH
        gain = np.minimum(shown, left)
        best = int(gain.sum(axis=1).argmax())
        aim = f"around, for {BLOCK_NAMES[int(gain[best].argmax())]}"
        chosen.append(pool[best]._replace(aim=aim))
        left = np.maximum(left - shown[best], 0)
        shown[best] = 0
    return chosen


def _feet(place: np.ndarray) -> tuple[float, float, float]:
    x, y, z = place.tolist()
    return x, y, z
