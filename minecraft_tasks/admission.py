"""Proves that a level coincides or separates its candidates as its split says.

A level is admitted only if it breaks none of these rules; the names are those that the seed file
counts refusals by.

- ``path``: where candidates stand apart, the best path to one does not enter another's site.
- ``ratio``: in a conflict, neither costs more than 3/2 of the other.
- ``balance``: over a pair of twins, neither costs more than 1.1 of the other on average, so that
  no candidate wins a split by being nearer.
- ``visibility``: in a conflict both are seen from the spawn, or neither; in `skill`, nothing is.
- ``reach``: every candidate is reached within half the time limit, and none at once.
- ``layout``: no other level has the same layout up to rotation and reflection, twins excepted.
"""

from __future__ import annotations

import itertools
import math
import multiprocessing
from collections import Counter
from collections.abc import Callable, Set
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from numba import set_num_threads

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.backends.voxel.scene import BEAM_ID, SUN_ID
from minecraft_tasks.blocks import block_id
from minecraft_tasks.errors import FalseBeaconError
from minecraft_tasks.events import touched
from minecraft_tasks.layout import layout_hash
from minecraft_tasks.levels import content_hash, level
from minecraft_tasks.navigation import Costs, costs
from minecraft_tasks.seeds import LockedLevel, LockedSplit, SeedFile
from minecraft_tasks.spec import Split, TaskSpec
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.world import Site, World

COST_RATIO, PAIR_RATIO = 1.5, 1.1
REACH_SHARE = 0.5
NEAREST = 4
"""Decisions: a candidate that is closer than this to the spawn says nothing."""

SEEN_PIXELS = 6
"""Pixels of the 64 x 64 frame from which on a candidate counts as seen."""

MOST_OFFERED = 100
"""Seeds offered for each level wanted before a split is given up as too narrow."""

PSEUDO_IDS = {"sun": SUN_ID, "beam": BEAM_ID}
THRESHOLDS = {
    "cost_ratio": COST_RATIO,
    "pair_ratio": PAIR_RATIO,
    "reach_share": REACH_SHARE,
    "nearest": NEAREST,
    "seen_pixels": SEEN_PIXELS,
}
Progress = Callable[[str, int, int], None]


def seen(spec: TaskSpec, backend: VoxelBackend, world: World) -> frozenset[str]:
    """Candidates of which the first frame shows something.

    Args:
        spec: The task.
        backend: An engine with one slot, to draw with.
        world: The level.
    """
    slot = np.zeros(1, np.int64)
    spawn, time = np.array([world.spawn], np.float64), np.array([world.time], np.int64)
    backend.place(slot, world.blocks[None], spawn, time)
    frame = np.zeros((1, 64, 64), np.uint8)
    backend.ids(frame)
    pixels = np.bincount(frame.ravel(), minlength=256)
    found = set()
    for candidate in spec.candidates:
        ids = [PSEUDO_IDS.get(name) or block_id(name) for name in candidate.markers]
        if candidate.name in world.sites and pixels[ids].sum() >= SEEN_PIXELS:
            found.add(candidate.name)
    return frozenset(found)


def crosses(path: np.ndarray, site: Site) -> bool:
    """Whether any point of a path float64[T, 3] lies in a site."""
    return bool(touched(path, np.asarray(site)[None, None]).any())


def broken_rule(split: Split, world: World, found: Costs) -> str | None:
    """The first of the rules on paths and costs that a level breaks, or None."""
    for name, cost in found.optimal.items():
        end = found.paths[name][-1:]
        late = cost > REACH_SHARE * split.time_limit or not crosses(end, world.sites[name])
        if late or cost < NEAREST:
            return "reach"
    if split.kind in ("conflict", "factorial"):
        for a, b in itertools.permutations(world.sites, 2):
            if crosses(found.paths[a], world.sites[b]):
                return "path"
    if split.kind == "conflict":
        low, high = sorted(found.optimal.values())
        if high > COST_RATIO * low:
            return "ratio"
    return None


def lock(task: Task, progress: Progress) -> SeedFile:
    """Lock every split of a task but `train`, several splits at a time.

    Splits are locked as if in order: whichever took a layout of an earlier one is locked again
    without it.

    Args:
        task: The task family.
        progress: Called with a split's name, how many splits are locked, and out of how many.
    """
    spec = task.spec
    wanted = [split for split in spec.splits if split.levels]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        mp_context=context, initializer=set_num_threads, initargs=(1,)
    ) as pool:
        jobs = [pool.submit(_lock_named, spec.name, split.name) for split in wanted]
        taken: set[str] = set()
        locked: dict[str, LockedSplit] = {}
        for split, job in zip(wanted, jobs, strict=True):
            found = job.result()
            if taken & _layouts(found):
                found = lock_split(task, split, taken)
            taken |= _layouts(found)
            locked[split.name] = found
            progress(split.name, len(locked), len(wanted))
    return SeedFile(task=spec.name, task_hash=spec.task_hash, thresholds=THRESHOLDS, splits=locked)


def _layouts(locked: LockedSplit) -> set[str]:
    return {entry.layout for entry in locked.levels}


def _lock_named(task_name: str, split_name: str) -> LockedSplit:
    task = find_task(task_name)
    return lock_split(task, task.spec.split(split_name), set())


def lock_split(task: Task, split: Split, taken: Set[str]) -> LockedSplit:
    """The first admitted seeds of one split; twins are admitted together or not at all.

    Args:
        task: The task family.
        split: The split.
        taken: Layout hashes of other splits.

    Raises:
        FalseBeaconError: If far too few seeds are admitted.
    """
    backend = VoxelBackend(1, task.spec.world_shape)
    step = 2 if split.twins else 1
    refused: Counter[str] = Counter()
    admitted: list[LockedLevel] = []
    used = set(taken)
    seed = 0
    while len(admitted) < split.levels:
        if seed > MOST_OFFERED * split.levels:
            raise FalseBeaconError(
                f"{task.spec.name} {split.name}: {len(admitted)} of {split.levels} levels "
                f"admitted after {seed} seeds, refused {dict(refused)}; widen the split's size."
            )
        judged = _judge(task, split, range(seed, seed + step), backend, used)
        if isinstance(judged, str):
            refused[judged] += step
        else:
            admitted += judged
            used.add(judged[0].layout)
        seed += step
    return LockedSplit(levels=tuple(admitted), offered=seed, refused=dict(sorted(refused.items())))


def _judge(
    task: Task, split: Split, seeds: range, backend: VoxelBackend, used: Set[str]
) -> list[LockedLevel] | str:
    """The levels of some seeds (twins), or the name of the rule that one of them breaks."""
    worlds = [level(task, split.name, seed) for seed in seeds]
    layout = layout_hash(worlds[0].layout)
    if layout in used:
        return "layout"
    for world in worlds:
        view = seen(task.spec, backend, world)
        lopsided = split.kind == "conflict" and len(view) == 1
        if lopsided or (split.kind == "skill" and view):
            return "visibility"
    locked = []
    for seed, world in zip(seeds, worlds, strict=True):
        found = costs(world, split.time_limit, task.spec.ticks, task.spec.headings)
        broken = broken_rule(split, world, found)
        if broken:
            return broken
        optimal = {name: float(math.ceil(cost)) for name, cost in found.optimal.items()}
        content = content_hash(world)
        locked.append(LockedLevel(seed=seed, layout=layout, content=content, optimal=optimal))
    if split.kind == "conflict" and not balanced(split, locked):
        return "balance"
    return locked


def balanced(split: Split, twins: list[LockedLevel]) -> bool:
    """Whether the geometric mean of the cost ratio over twins is near one."""
    a, b = split.present
    ratios = [math.log(entry.optimal[a] / entry.optimal[b]) for entry in twins]
    return abs(sum(ratios) / len(ratios)) <= math.log(PAIR_RATIO)
