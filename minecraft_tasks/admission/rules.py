"""Rules of admission: a level joins or separates its candidates as its split demands.

A level is admitted if it breaks none of these rules, by whose names the seed file counts refusals.

- ``path``: where candidates are apart, the best path to one does not enter another's site.
- ``ratio``: in a conflict, neither costs more than 3/2 of the other.
- ``balance``: over a pair of twins, neither costs more than 1.1 of the other on average, so that
  no candidate wins a split by being nearer.
- ``visibility``: in a conflict both are seen from the spawn, or neither; in `skill`, none is.
- ``reach``: every candidate is reached within half the time limit, but not at once.
- ``layout``: no other level but its twin has the same layout up to rotation and reflection.
- ``film``: no other level but its twin shows the same on the best path.

Rules on a whole split are in `fairness`.

The measurements are locked with the level. Pixel areas differ between candidates; they are
recorded and not matched.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from minecraft_tasks.admission import fairness
from minecraft_tasks.admission.pseudo_sites import COST_TOLERANCE, pseudo_sites
from minecraft_tasks.admission.taken import Taken, films
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.levels.generate import content_hash, level
from minecraft_tasks.levels.seed_file import LockedLevel
from minecraft_tasks.navigation.pursuit import Costs, costs
from minecraft_tasks.spec import Split, TaskSpec
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.visibility.films import PATCHES, shown_around
from minecraft_tasks.visibility.footprint import SEEN_PIXELS, enough, footprint
from minecraft_tasks.visibility.pixel_area import AREA_DISTANCE
from minecraft_tasks.worlds.layout import layout_hash
from minecraft_tasks.worlds.sites import touched
from minecraft_tasks.worlds.world import Site, World

COST_RATIO, PAIR_RATIO, REACH_SHARE = 1.5, 1.1, 0.5

NEAREST = 4
"""Fewest decisions to a candidate; a nearer one may be reached by accident."""

THRESHOLDS = {
    "cost_ratio": COST_RATIO,
    "pair_ratio": PAIR_RATIO,
    "reach_share": REACH_SHARE,
    "nearest": NEAREST,
    "seen_pixels": SEEN_PIXELS,
    "area_distance": AREA_DISTANCE,
    "pseudo_cost": COST_TOLERANCE,
    "film_patches": PATCHES,
    **fairness.THRESHOLDS,
}


def candidates_seen(spec: TaskSpec, backend: VoxelBackend, world: World) -> frozenset[str]:
    """Candidates with enough pixels in the first frame; arguments as in `footprint`."""
    return frozenset(enough(footprint(spec, backend, world)))


def crosses(path: np.ndarray, site: Site) -> bool:
    """Whether any point of a path float64[T, 3] lies in a site."""
    return bool(touched(path, np.asarray(site)[None, None]).any())


def broken_rule(split: Split, world: World, found: Costs) -> str | None:
    """The first rule on paths and costs that a level breaks, or None."""
    for name, cost in found.optimal.items():
        end = found.paths[name][-1:]
        late = cost > REACH_SHARE * split.time_limit or not crosses(end, world.sites[name])
        if late or cost < NEAREST:
            return "reach"
    if split.apart:
        for a, b in itertools.permutations(world.sites, 2):
            if crosses(found.paths[a], world.sites[b]):
                return "path"
    if split.separates:
        low, high = sorted(found.optimal.values())
        if high > COST_RATIO * low:
            return "ratio"
    return None


def admit(
    task: Task, split: Split, seeds: range, backend: VoxelBackend, taken: Taken
) -> list[LockedLevel] | str:
    """The levels of one seed or of twins, or the name of the rule that one of them breaks.

    The backend, of one slot, draws the frames; `taken` is what other levels have.
    """
    worlds = [level(task, split.name, seed) for seed in seeds]
    layout = layout_hash(worlds[0].layout)
    if layout in taken.layouts:
        return "layout"
    views = [footprint(task.spec, backend, world) for world in worlds]
    for view in map(enough, views):
        lopsided = split.separates and len(view) == 1
        if lopsided or (split.searched and view):
            return "visibility"
    found = []
    for world in worlds:
        found.append(costs(world, split.time_limit, task.spec.ticks, task.spec.headings))
        broken = broken_rule(split, world, found[-1])
        if broken:
            return broken
    optimal = [
        {name: float(math.ceil(cost)) for name, cost in each.optimal.items()} for each in found
    ]
    if split.separates and not balanced(split, optimal):
        return "balance"
    shown = [films(split, backend, world, each) for world, each in zip(worlds, found, strict=True)]
    if any(taken.shows(film) for group in shown for film in group):
        return "film"
    locked = []
    for row, (seed, world) in enumerate(zip(seeds, worlds, strict=True)):
        pseudo, missing = {}, ""
        towards, sun = fairness.bearings(world)
        if split.apart:
            pseudo, missing = pseudo_sites(task.spec, split, world, found[row])
        locked.append(
            LockedLevel(
                seed=seed,
                layout=layout,
                content=content_hash(world),
                optimal=optimal[row],
                pixels=views[row],
                seen=enough(views[row]),
                around=shown_around(task.spec, backend, world),
                bearings=towards,
                sun=sun,
                films=shown[row],
                ratio=round(max(optimal[row].values()) / min(optimal[row].values()), 4),
                pseudo=pseudo,
                no_pseudo=missing,
            )
        )
    return locked


def balanced(split: Split, optimal: Sequence[dict[str, float]]) -> bool:
    """Whether the geometric mean of the cost ratio over twins is within `PAIR_RATIO`."""
    a, b = split.present
    ratios = [math.log(costs[a] / costs[b]) for costs in optimal]
    return abs(sum(ratios) / len(ratios)) <= math.log(PAIR_RATIO)
