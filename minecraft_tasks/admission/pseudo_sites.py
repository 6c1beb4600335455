"""Control regions: one empty box per candidate, matched in size, distance and accessibility.

An agent may reach one of many targets by accident; the share of episodes that reach a pseudo-site
estimates how often. A pseudo-site has its candidate's size, lies along x or along z, and

- costs as many decisions from the spawn as the candidate, to within a tenth;
- has about as many places to stand, so that a box at a wall or around an object is matched by one
  that is as hard to enter;
- is clear of every candidate's site and of every other pseudo-site;
- is not entered by the best path to any candidate, and the best path to it enters no site.

A strip along a wall is matched by a strip of the same depth and length, a part of which may lie in
a wall, where no body can stand.
"""

from __future__ import annotations

import hashlib
import math
from typing import NamedTuple

import numpy as np

from minecraft_tasks.levels.seed_file import PseudoSite
from minecraft_tasks.navigation.cost_to_go import UNREACHABLE, cost_at, cost_to_go
from minecraft_tasks.navigation.lattice import SPACING
from minecraft_tasks.navigation.pursuit import Costs, walk
from minecraft_tasks.navigation.reachable import decisions_back, lattice_points, standing_in
from minecraft_tasks.spec import Split, TaskSpec
from minecraft_tasks.worlds.sites import touched
from minecraft_tasks.worlds.world import Site, World

COST_TOLERANCE = 0.1
"""Share of a candidate's fewest decisions by which those of its pseudo-site may differ."""

STANDING_RATIO = 2.0
"""Largest ratio between the places to stand in a pseudo-site and in its candidate's site."""

CLEAR = 1.0
"""Least blocks between a pseudo-site and every other box: more than a decision covers."""

_BESIDE = 0.5
"""Least blocks between a pseudo-site and the best path to a candidate."""

POSITIONS = 400
"""Most boxes considered for each candidate."""

_TRIES = 24
"""Most boxes whose exact cost is computed for each candidate."""

_TRIED = 0.75
"""Blocks around a failed box in which no other is tried."""

_GRID = SPACING / 2


class SearchArea(NamedTuple):
    """The input of the search for pseudo-sites.

    Attributes:
        world: The level.
        found: Fewest decisions and best paths to its candidates.
        back: float32[GX, GZ] from `decisions_back`, around every site.
        anywhere: bool[GX, GZ] reachable places, those in sites included.
    """

    world: World
    found: Costs
    back: np.ndarray
    anywhere: np.ndarray


class NoRoom(Exception):
    """No pseudo-site exists; the text names the rule that left none."""


def pseudo_sites(
    spec: TaskSpec, split: Split, world: World, found: Costs
) -> tuple[dict[str, PseudoSite], str]:
    """A pseudo-site for every candidate of a level, the same at every call.

    Returns:
        Candidate -> pseudo-site, and ``""``; or no pseudo-sites and the rule that left none for
        one of the candidates: ``standing``, ``clear``, ``path`` or ``cost``.
    """
    spawn = repr(tuple(map(float, world.spawn)))
    seed = hashlib.sha256(world.blocks.tobytes() + spawn.encode()).digest()
    rng = np.random.default_rng(np.frombuffer(seed, np.uint32))
    back = decisions_back(world, found.lattice, world.sites.values())
    anywhere = decisions_back(world, found.lattice, ()) < UNREACHABLE
    ground = SearchArea(world, found, back, anywhere)
    placed: dict[str, PseudoSite] = {}
    extent = {name: (at.x1 - at.x0) * (at.z1 - at.z0) for name, at in world.sites.items()}
    try:
        for name in sorted(extent, key=lambda name: -extent[name]):
            taken = [*world.sites.values(), *(pseudo.site for pseudo in placed.values())]
            placed[name] = _place(spec, split, ground, name, taken, rng)
    except NoRoom as rule:
        return {}, str(rule)
    return {name: placed[name] for name in spec.candidate_names if name in placed}, ""


def _place(
    spec: TaskSpec,
    split: Split,
    ground: SearchArea,
    name: str,
    taken: list[Site],
    rng: np.random.Generator,
) -> PseudoSite:
    """The pseudo-site of one candidate; raises `NoRoom` if there is none."""
    wanted = math.ceil(ground.found.optimal[name])
    boxes = _boxes(ground, name, taken)
    boxes = boxes[rng.permutation(len(boxes))[:POSITIONS]]
    entries = [_nearest(ground, box) for box in boxes]
    middle = np.array([entry[:2] for entry in entries])
    guess = np.array([entry[2] for entry in entries]) + _first_turn(spec, ground.world, middle)
    jitter = rng.uniform(0.0, COST_TOLERANCE * wanted, len(boxes))
    error, nearest_tried = np.zeros(len(boxes)), np.full(len(boxes), np.inf)
    for _ in range(_TRIES):
        miss = np.abs(guess + error - wanted) + jitter
        at = int(np.argmin(np.where(nearest_tried < _TRIED, np.inf, miss)))
        if nearest_tried[at] < _TRIED:
            break
        site = _site(ground.world.sites[name], boxes[at])
        exact, fits = _try(spec, split, ground, site)
        if fits and abs(math.ceil(exact) - wanted) <= COST_TOLERANCE * wanted:
            return PseudoSite(site=site, optimal=float(math.ceil(exact)))
        # Boxes near this one share the error of its guess: it lies in the way out of the spawn.
        away = np.abs(boxes[:, :2] - boxes[at, :2]).max(axis=1)
        error = np.where(away < nearest_tried, exact - guess[at], error)
        nearest_tried = np.minimum(nearest_tried, away)
    raise NoRoom("cost")


def _try(spec: TaskSpec, split: Split, ground: SearchArea, site: Site) -> tuple[float, bool]:
    """Fewest decisions to a box, and whether the path there is in time and enters no site."""
    cost = cost_to_go(ground.found.lattice, site)
    exact = cost_at(ground.found.lattice.height, cost, ground.world.spawn)
    path = walk(ground.world, ground.found.lattice, cost, site, split.time_limit // 2, spec.ticks)
    path = path[:, :3]
    entered = touched(path, np.array([*ground.world.sites.values()])[None]).any()
    arrives = touched(path[-1:], np.asarray(site)[None, None]).any()
    return exact, bool(arrives and not entered)


def _boxes(ground: SearchArea, name: str, taken: list[Site]) -> np.ndarray:
    """Boxes that pass all rules but that on costs: float64[K, 4] middle x, z; half width, depth.

    Raises `NoRoom` if there are none.
    """
    site = ground.world.sites[name]
    half = ((site.x1 - site.x0) / 2, (site.z1 - site.z0) / 2)
    boxes = np.concatenate([_grid(ground, *half), _grid(ground, *half[::-1])])
    many = (standing_in(ground.found.lattice, site) & ground.anywhere).sum()
    can = _standing(ground, boxes)
    boxes = boxes[(can * STANDING_RATIO >= many) & (can <= many * STANDING_RATIO) & (can > 0)]
    if not len(boxes):
        raise NoRoom("standing")
    clear = np.ones(len(boxes), bool)
    for other in taken:
        clear &= _apart(boxes, other) >= CLEAR - 1e-9
    boxes = boxes[clear]
    if not len(boxes):
        raise NoRoom("clear")
    crossed = np.zeros(len(boxes), bool)
    for path in ground.found.paths.values():
        for x, _, z in path:
            crossed |= (np.abs(boxes[:, 0] - x) <= boxes[:, 2] + _BESIDE) & (
                np.abs(boxes[:, 1] - z) <= boxes[:, 3] + _BESIDE
            )
    if crossed.all():
        raise NoRoom("path")
    return boxes[~crossed]


def _grid(ground: SearchArea, half_width: float, half_depth: float) -> np.ndarray:
    """Boxes float64[K, 4] centred on every point of a fine grid over the world."""
    width, _, depth = ground.world.blocks.shape
    x, z = np.meshgrid(np.arange(0, width, _GRID), np.arange(0, depth, _GRID), indexing="ij")
    sizes = [np.full(x.size, half) for half in (half_width, half_depth)]
    return np.stack([x.ravel(), z.ravel(), *sizes], axis=1)


def _standing(ground: SearchArea, boxes: np.ndarray) -> np.ndarray:
    """Number of reachable places in each box, int64[K]."""
    can = ground.back < UNREACHABLE
    total = np.zeros((can.shape[0] + 1, can.shape[1] + 1), np.int64)
    total[1:, 1:] = can.cumsum(axis=0).cumsum(axis=1)
    low_x, high_x = _span(boxes[:, 0], boxes[:, 2], can.shape[0])
    low_z, high_z = _span(boxes[:, 1], boxes[:, 3], can.shape[1])
    return total[high_x, high_z] - total[low_x, high_z] - total[high_x, low_z] + total[low_x, low_z]


def _span(middle: np.ndarray, half: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """First lattice index within an interval, and the one after its last."""
    low = np.ceil((middle - half) / SPACING - 1e-9).astype(int)
    high = np.floor((middle + half) / SPACING + 1e-9).astype(int) + 1
    return np.clip(low, 0, count), np.clip(high, 0, count)


def _apart(boxes: np.ndarray, site: Site) -> np.ndarray:
    """Blocks between boxes and a site along x or z, the larger of the two: float64[K]."""
    x, z = (site.x0 + site.x1) / 2, (site.z0 + site.z1) / 2
    gap_x = np.abs(boxes[:, 0] - x) - boxes[:, 2] - (site.x1 - site.x0) / 2
    gap_z = np.abs(boxes[:, 1] - z) - boxes[:, 3] - (site.z1 - site.z0) / 2
    return np.maximum(gap_x, gap_z)


def _nearest(ground: SearchArea, box: np.ndarray) -> tuple[float, float, float]:
    """The place x, z of a box with the fewest decisions to the spawn, and their number."""
    x, z = lattice_points(ground.found.lattice)
    low_x, high_x = (int(end[0]) for end in _span(box[:1], box[2:3], x.shape[0]))
    low_z, high_z = (int(end[0]) for end in _span(box[1:2], box[3:4], z.shape[1]))
    part = ground.back[low_x:high_x, low_z:high_z]
    i, k = np.unravel_index(int(part.argmin()), part.shape)
    return float(x[low_x + i, 0]), float(z[0, low_z + k]), float(part[i, k])


def _first_turn(spec: TaskSpec, world: World, places: np.ndarray) -> np.ndarray:
    """Decisions to turn from the spawn's heading to places float64[K, 2], by their bearing."""
    dx, dz = places[:, 0] - world.spawn.x, places[:, 1] - world.spawn.z
    turn = (np.degrees(np.arctan2(-dx, dz)) - world.spawn.yaw + 180.0) % 360.0 - 180.0
    return np.abs(turn) / (360.0 / spec.headings)


def _site(like: Site, box: np.ndarray) -> Site:
    """The site of a box on the ground, as tall as another site."""
    x, z, half_width, half_depth = (float(part) for part in box)
    return Site(
        x - half_width, 0.0, z - half_depth, x + half_width, like.y1 - like.y0, z + half_depth
    )
