"""Checks locked levels against the generator: that they are what the seed file says, and are fair.

Everything is worked out anew from the seeds, the rules of admission and all measurements included,
and compared with what is locked. Layouts are hashed anew too, and no two splits may share one, nor
may a locked level share one with a level to train or to calibrate on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from minecraft_tasks.admission.lock import first_seed, pixel_areas, wanted_splits
from minecraft_tasks.admission.rules import THRESHOLDS, admit
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.parallel import spread
from minecraft_tasks.core.progress import StageProgress
from minecraft_tasks.core.records import Record
from minecraft_tasks.levels.generate import level
from minecraft_tasks.levels.locked import read_seeds, training_bank
from minecraft_tasks.levels.seed_file import Area, LockedLevel, LockedSplit, Purpose, SeedFile
from minecraft_tasks.spec import Split
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.worlds.layout import layout_hash
from minecraft_tasks.worlds.world import Site, World

PURPOSES: tuple[Purpose, ...] = ("judging", "calibration")


class AuditError(FalseBeaconError):
    """Locked levels that are not what they should be."""


class SplitAudit(Record):
    """What the levels of one split are like, as they are made now.

    Attributes:
        split: Name of the split.
        purpose: What its levels are for.
        levels: Levels that were checked.
        locked: Levels in the seed file.
        offered: Seeds offered.
        refused: Rule -> seeds refused by it.
        ratio: Smallest, median and largest of the cost ratios.
        all_seen: Share of levels with every candidate seen from the spawn.
        none_seen: Share with none seen.
        twins: Pairs that are twins indeed; None where there should be none.
        pseudo: Levels with pseudo-sites; None where candidates do not stand apart.
        no_pseudo: Why the others have none -> how many.
        layouts: Layout hash of each level, made anew.
        failures: What is wrong, one sentence each.
    """

    split: str
    purpose: Purpose
    levels: int
    locked: int
    offered: int
    refused: dict[str, int]
    ratio: tuple[float, float, float]
    all_seen: float
    none_seen: float
    twins: int | None
    pseudo: int | None
    no_pseudo: dict[str, int]
    layouts: tuple[str, ...]
    failures: tuple[str, ...]


class Audit(Record):
    """An audit of all that is locked for a task.

    Attributes:
        splits: Judged splits, and those for calibration.
        areas: Candidate -> pixel area, measured anew; empty if only some levels were checked.
        training: Levels to train on that were compared.
        leaks: Layouts that are in more than one place.
        failures: What is wrong, one sentence each; empty if nothing is.
    """

    splits: tuple[SplitAudit, ...]
    areas: dict[str, Area]
    training: int
    leaks: int
    failures: tuple[str, ...]


def audit(task: Task, progress: StageProgress, limit: int | None = None) -> Audit:
    """Check all that is locked for a task.

    Args:
        task: The task family.
        progress: Called with a split's name, how many splits are checked, and out of how many.
        limit: Check no more than so many levels of each split, and no pixel areas.

    Raises:
        CorruptFileError: If a seed file is missing or is none.
        StaleError: If it was edited by hand, or made for another version of the task.
    """
    failures: list[str] = []
    jobs: list[tuple[str, Split, LockedSplit, Purpose, int | None]] = []
    for purpose in PURPOSES:
        seeds = read_seeds(task, purpose=purpose)
        failures += _misfits(task, seeds)
        for split in wanted_splits(task, purpose):
            if split.name in seeds.splits:
                jobs.append((task.name, split, seeds.splits[split.name], purpose, limit))
    splits: list[SplitAudit] = []
    for found in spread(audit_split, jobs):
        splits.append(found)
        progress(found.split, len(splits), len(jobs))
    training = training_bank(task).layouts
    owners = [(f"{found.split} ({found.purpose})", found.layouts) for found in splits]
    leaks = shared([*owners, ("training", training)])
    areas = {}
    if limit is None:
        locked = read_seeds(task)
        areas = pixel_areas(task, locked.splits)
        if areas != locked.areas:
            failures.append(f"pixel areas are {areas}, locked as {locked.areas}")
    failures += [failure for found in splits for failure in found.failures]
    return Audit(
        splits=tuple(splits),
        areas=areas,
        training=len(training),
        leaks=len(leaks),
        failures=(*failures, *leaks),
    )


def _misfits(task: Task, seeds: SeedFile) -> list[str]:
    """What is wrong with a seed file before any level of it is made."""
    failures = []
    if seeds.thresholds != THRESHOLDS:
        failures.append(f"thresholds are {THRESHOLDS}, locked with {seeds.thresholds}")
    wanted = {split.name: split.levels for split in wanted_splits(task, seeds.purpose)}
    held = {name: len(split.levels) for name, split in seeds.splits.items()}
    if wanted != held:
        differ = {name for name in {*wanted, *held} if wanted.get(name) != held.get(name)}
        failures.append(
            f"the levels locked for {seeds.purpose} are not those of the task: "
            f"{', '.join(sorted(differ))}"
        )
    return failures


def audit_split(
    task_name: str, split: Split, locked: LockedSplit, purpose: Purpose, limit: int | None = None
) -> SplitAudit:
    """Make the levels of one split anew and compare them with what is locked.

    Args:
        task_name: Name of the task.
        split: The split.
        locked: Its levels in the seed file.
        purpose: What they are for.
        limit: Check no more than so many levels; twins stay together.
    """
    task = find_task(task_name)
    step = 2 if split.twins else 1
    backend = VoxelBackend(1, task.spec.world_shape)
    entries = locked.levels if limit is None else locked.levels[: max(limit // step, 1) * step]
    failures = _miscounted(split, locked, purpose)
    made: list[LockedLevel] = []
    layouts: list[str] = []
    twins = 0
    for at in range(0, len(entries), step):
        group = entries[at : at + step]
        seeds = range(group[0].seed, group[0].seed + step)
        worlds = [level(task, split.name, seed) for seed in seeds]
        layouts += [layout_hash(world.layout) for world in worlds]
        if seeds[0] % step or [entry.seed for entry in group] != list(seeds):
            failures.append(f"{split.name} seed {seeds[0]}: its twin is missing")
        elif split.twins and not true_twins(*worlds):
            failures.append(f"{split.name} seeds {seeds[0]} and {seeds[1]} are no twins")
        else:
            twins += split.twins
        judged = admit(task, split, seeds, backend, frozenset())
        if isinstance(judged, str):
            failures.append(f"{split.name} seed {seeds[0]} breaks the rule {judged!r}")
            continue
        for now, then in zip(judged, group, strict=False):
            failures += _differences(split, now, then)
        made += judged
    if len(set(layouts)) != len(layouts) // step:
        failures.append(f"{split.name}: {len(layouts) // step - len(set(layouts))} layouts repeat")
    ratios = [entry.ratio for entry in made] or [float("nan")]
    present = set(split.present)
    return SplitAudit(
        split=split.name,
        purpose=purpose,
        levels=len(entries),
        locked=len(locked.levels),
        offered=locked.offered,
        refused=locked.refused,
        ratio=(min(ratios), float(np.median(ratios)), max(ratios)),
        all_seen=sum(set(entry.seen) == present for entry in made) / max(len(made), 1),
        none_seen=sum(not entry.seen for entry in made) / max(len(made), 1),
        twins=twins if split.twins else None,
        pseudo=sum(bool(entry.pseudo) for entry in made) if split.apart else None,
        no_pseudo=dict(Counter(entry.no_pseudo for entry in made if entry.no_pseudo)),
        layouts=tuple(layouts),
        failures=tuple(failures),
    )


def _miscounted(split: Split, locked: LockedSplit, purpose: Purpose) -> list[str]:
    failures = []
    if len(locked.levels) + sum(locked.refused.values()) != locked.offered:
        failures.append(f"{split.name}: admitted and refused do not add up to those offered")
    numbers = [entry.seed for entry in locked.levels]
    span = range(locked.first, locked.first + locked.offered)
    if numbers != sorted(set(numbers)) or not all(number in span for number in numbers):
        failures.append(f"{split.name}: its seeds are not distinct ones of those offered, in order")
    if locked.first != first_seed(purpose):
        failures.append(f"{split.name}: seeds were offered from {locked.first} on")
    return failures


def _differences(split: Split, now: LockedLevel, then: LockedLevel) -> Iterable[str]:
    for field in LockedLevel.model_fields:
        if getattr(now, field) != getattr(then, field):
            yield (
                f"{split.name} seed {now.seed}: {field} is {getattr(now, field)}, "
                f"locked as {getattr(then, field)}"
            )


def shared(owners: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """A sentence for every layout that is in more than one place.

    Args:
        owners: Name of a place, and the layout hashes there. A pair of twins has one hash between
            them, and stands side by side; levels to train on may repeat theirs.
    """
    where: dict[str, str] = {}
    leaks = []
    for name, layouts in owners:
        for layout in dict.fromkeys(layouts):
            if where.setdefault(layout, name) != name:
                leaks.append(f"{name} has the layout {layout} of {where[layout]}")
    return leaks


TWIN_DISTANCE = 1.0
"""Blocks: no further does a candidate stand, in a twin, from where the other one stood."""


def true_twins(one: World, other: World) -> bool:
    """Whether two levels are one plan and one spawn with two candidates swapped.

    Candidates differ in the shapes of their sites, so each has to be next to where the other stood,
    and away from where it stood itself.
    """
    if not np.array_equal(one.layout, other.layout) or one.spawn != other.spawn:
        return False
    if len(one.sites) != 2 or set(one.sites) != set(other.sites):
        return False
    a, b = one.sites
    moved = [(one.sites[a], other.sites[b]), (one.sites[b], other.sites[a])]
    stayed = [(one.sites[name], other.sites[name]) for name in (a, b)]
    return all(gap(*pair) <= TWIN_DISTANCE for pair in moved) and all(
        gap(*pair) > TWIN_DISTANCE for pair in stayed
    )


def gap(one: Site, other: Site) -> float:
    """Blocks between two boxes along x or z, whichever is more; 0 where they overlap."""
    x = max(one.x0, other.x0) - min(one.x1, other.x1)
    z = max(one.z0, other.z0) - min(one.z1, other.z1)
    return max(x, z, 0.0)
