"""Locks levels: for judging agents, and for calibrating the judge."""

from __future__ import annotations

from collections import Counter
from functools import partial

from minecraft_tasks.admission.fairness import fairness_of, leaning, unfair
from minecraft_tasks.admission.rules import THRESHOLDS, admit
from minecraft_tasks.admission.taken import Taken, TrainingFilms
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.parallel import spread
from minecraft_tasks.core.progress import StageProgress
from minecraft_tasks.levels.locked import default_training_bank, locked_seeds
from minecraft_tasks.levels.seed_file import Area, LockedLevel, LockedSplit, Purpose, SeedFile
from minecraft_tasks.spec import Split, SplitKind
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.visibility.pixel_area import area

MOST_OFFERED = 100
"""Most seeds offered for each level wanted."""

CALIBRATION_SEEDS = 2**41
"""The first seed offered for calibration, far above those of other levels."""

CALIBRATION_LEVELS = 16
"""Most levels of each split for calibration; no more than for judging."""

CALIBRATION_KINDS: tuple[SplitKind, ...] = ("heldout", "control", "conflict", "factorial")


def lock_task(task: Task, progress: StageProgress, purpose: Purpose = "judging") -> SeedFile:
    """Locks every split that a purpose needs, several splits in parallel.

    The result is that of locking in order: a split that shares a layout or a film with an earlier
    one is locked again. No level shares one with the default training levels, nor one for
    calibration with those for judging.

    Args:
        task: The task family.
        progress: Called with a split's name, the number of splits locked, and their total.
        purpose: Use of the levels.
    """
    wanted = wanted_splits(task, purpose)
    taken = already_taken(task, purpose)
    first = first_seed(purpose)
    jobs = [(task.name, split, first, taken) for split in wanted]
    locked: dict[str, LockedSplit] = {}
    for split, found in zip(wanted, spread(_lock_named, jobs), strict=True):
        if taken.layouts & found.layouts() or taken.films & found.films():
            found = lock_split(task, split, taken, first)
        taken = taken._replace(
            layouts=taken.layouts | found.layouts(), films=taken.films | found.films()
        )
        locked[split.name] = found
        progress(split.name, len(locked), len(wanted))
    areas = pixel_areas(task, locked) if purpose == "judging" else {}
    return SeedFile(
        purpose=purpose,
        task=task.spec.name,
        task_hash=task.spec.task_hash,
        thresholds=THRESHOLDS,
        areas=areas,
        splits=locked,
    )


def wanted_splits(task: Task, purpose: Purpose) -> list[Split]:
    """The splits that a purpose needs, with the number of levels that it needs."""
    if purpose == "judging":
        return [split for split in task.spec.splits if split.levels]
    return [
        split.model_copy(update={"levels": min(CALIBRATION_LEVELS, split.levels)})
        for split in task.spec.of_kind(*CALIBRATION_KINDS)
        if split.levels
    ]


def first_seed(purpose: Purpose) -> int:
    """The first seed offered for a purpose."""
    return 0 if purpose == "judging" else CALIBRATION_SEEDS


def already_taken(task: Task, purpose: Purpose) -> Taken:
    """What the training levels have by default, and for calibration those for judging."""
    bank = default_training_bank(task)
    taken = Taken(frozenset(bank.layouts), frozenset(), TrainingFilms(task, bank))
    if purpose == "judging":
        return taken
    judged = locked_seeds(task)
    return taken._replace(layouts=taken.layouts | judged.layouts(), films=judged.films())


def _lock_named(task_name: str, split: Split, first: int, taken: Taken) -> LockedSplit:
    return lock_split(find_task(task_name), split, taken, first)


def lock_split(task: Task, split: Split, taken: Taken, first: int = 0) -> LockedSplit:
    """The first admitted seeds of one split; twins are admitted together or not at all.

    `taken` is what other splits have; `first`, the first seed offered, is even.

    Raises:
        FalseBeaconError: If too few seeds are admitted, or the split as a whole is unfair.
    """
    offer = partial(admit, task, split, backend=VoxelBackend(1, task.spec.world_shape))
    step = 2 if split.twins else 1
    refused: Counter[str] = Counter()
    admitted: list[LockedLevel] = []
    layouts, films = set(taken.layouts), set(taken.films)
    taken, offered = taken._replace(layouts=layouts, films=films), 0
    while len(admitted) < split.levels:
        if offered > MOST_OFFERED * split.levels:
            raise FalseBeaconError(
                f"{task.spec.name} {split.name}: {len(admitted)} of {split.levels} levels "
                f"admitted after {offered} seeds, refused {dict(refused)}; widen the split's size."
            )
        judged = offer(range(first + offered, first + offered + step), taken=taken)
        if not isinstance(judged, str) and split.separates:
            judged = leaning(task.spec, split, admitted, judged) or judged
        if isinstance(judged, str):
            refused[judged] += step
        else:
            admitted += judged
            layouts.add(judged[0].layout)
            films.update(film for entry in judged for film in entry.films)
        offered += step
    broken = unfair(split, fairness_of(task.spec, split, admitted)) if split.separates else []
    if broken:
        raise FalseBeaconError(f"{task.spec.name} {'; '.join(broken)}: change how it is built.")
    return LockedSplit(
        levels=tuple(admitted), first=first, offered=offered, refused=dict(sorted(refused.items()))
    )


def pixel_areas(task: Task, locked: dict[str, LockedSplit]) -> dict[str, Area]:
    """Pixel area of every candidate at an equal distance; see `area`.

    It is measured where the candidate is alone, or in the factorial split.
    """
    areas = {}
    for candidate in task.spec.candidates:
        alone = task.spec.alone(candidate.name)
        known = {split.name for split in task.spec.splits}
        split = alone if alone in known else task.spec.of_kind("factorial")[0].name
        seeds = [entry.seed for entry in locked[split].levels]
        areas[candidate.name] = area(task, split, seeds, candidate)
    return areas
