"""Audits locked levels: generates and measures them again, and compares them with the seed file.

The rules of admission and all measurements are recomputed from the seeds. No layout and no film may
occur in two splits, nor in locked levels and training levels, nor in both seed files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from minecraft_tasks.admission.fairness import Fairness, fairness_of, unfair
from minecraft_tasks.admission.lock import first_seed, pixel_areas, wanted_splits
from minecraft_tasks.admission.rules import THRESHOLDS, admit
from minecraft_tasks.admission.taken import Taken, TrainingFilms
from minecraft_tasks.admission.training import recipe_levels
from minecraft_tasks.admission.twins import true_twins
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.parallel import spread
from minecraft_tasks.core.progress import StageProgress
from minecraft_tasks.core.records import Record
from minecraft_tasks.levels.generate import level
from minecraft_tasks.levels.locked import read_seeds
from minecraft_tasks.levels.seed_file import Area, LockedLevel, LockedSplit, Purpose, SeedFile
from minecraft_tasks.spec import Split
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.worlds.layout import layout_hash

PURPOSES: tuple[Purpose, ...] = ("judging", "calibration")


class AuditError(FalseBeaconError):
    """Locked levels that fail their audit."""


class SplitAudit(Record):
    """The audit of one split.

    Attributes:
        split: Name of the split.
        purpose: Use of its levels.
        levels: Levels checked.
        locked: Levels in the seed file.
        offered: Seeds offered.
        refused: Rule -> seeds refused by it.
        ratio: Smallest, median and largest of the cost ratios.
        all_seen: Share of levels with every candidate seen from the spawn.
        none_seen: Share with no candidate seen.
        twins: Valid pairs of twins; None where the split has no twins.
        pseudo: Levels with pseudo-sites; None where candidates are not apart.
        no_pseudo: Rule that left no pseudo-site -> number of levels.
        layouts: Recomputed layout hash of each level.
        films: Recomputed films of each level.
        distinct: Number of different films among those to the first group of `Split.sites`.
        fairness: Of all locked levels of a conflict, as the file has them; None for other splits.
        failures: A sentence for each failed check.
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
    films: tuple[str, ...]
    distinct: int
    fairness: Fairness | None
    failures: tuple[str, ...]


class Audit(Record):
    """The audit of all locked levels of a task.

    Attributes:
        splits: Splits for judging, then for calibration.
        areas: Candidate -> measured pixel area; empty if only some levels were checked.
        training: Training levels compared.
        training_films: Number of their different films; None if only some levels were checked.
        leaks: Layouts and films that occur in more than one place.
        failures: A sentence for each failed check.
    """

    splits: tuple[SplitAudit, ...]
    areas: dict[str, Area]
    training: int
    training_films: int | None
    leaks: int
    failures: tuple[str, ...]


def audit(task: Task, progress: StageProgress, limit: int | None = None) -> Audit:
    """Audits both seed files of a task.

    Args:
        task: The task family.
        progress: Called with a split's name, the number of splits checked, and their total.
        limit: Most levels to check of each split; pixel areas are then left out.

    Raises:
        CorruptFileError: If a seed file is missing or malformed.
        StaleError: If it was edited by hand, or locked for another version of the task.
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
    for checked in spread(audit_split, jobs):
        splits.append(checked)
        progress(checked.split, len(splits), len(jobs))
    training = recipe_levels(task)
    places = [f"{checked.split} ({checked.purpose})" for checked in splits]
    layouts = [checked.layouts for checked in splits]
    films = [checked.films for checked in splits]
    seen = TrainingFilms(task, training)
    known = [film for some in films for film in some if film in seen]
    leaks = [
        *shared(
            "layout", list(zip([*places, "training"], [*layouts, training.layouts], strict=True))
        ),
        *shared("film", list(zip([*places, "training"], [*films, known], strict=True))),
    ]
    areas = {}
    if limit is None:
        locked = read_seeds(task)
        areas = pixel_areas(task, locked.splits)
        if areas != locked.areas:
            failures.append(f"pixel areas are {areas}, locked as {locked.areas}")
    failures += [failure for checked in splits for failure in checked.failures]
    return Audit(
        splits=tuple(splits),
        areas=areas,
        training=len(training),
        training_films=seen.distinct() if limit is None else None,
        leaks=len(leaks),
        failures=(*failures, *leaks),
    )


def _misfits(task: Task, seeds: SeedFile) -> list[str]:
    """Failures of a seed file that show without its levels."""
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
    """Generates the levels of a split again, at most `limit`, and compares them with the file."""
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
        judged = admit(task, split, seeds, backend, Taken())
        if isinstance(judged, str):
            failures.append(f"{split.name} seed {seeds[0]} breaks the rule {judged!r}")
            continue
        for now, then in zip(judged, group, strict=False):
            failures += _differences(split, now, then)
        made += judged
    if len(set(layouts)) != len(layouts) // step:
        failures.append(f"{split.name}: {len(layouts) // step - len(set(layouts))} layouts repeat")
    fair = fairness_of(task.spec, split, locked.levels) if split.separates else None
    failures += unfair(split, fair) if fair else []
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
        films=tuple(film for entry in made for film in entry.films),
        distinct=len({entry.films[0] for entry in made}),
        fairness=fair,
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


def shared(kind: str, owners: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """A sentence for every layout or film that occurs in more than one place.

    `owners` pairs the name of a place with the hashes there, which may repeat; `kind` says what of.
    """
    where: dict[str, str] = {}
    leaks = []
    for name, hashes in owners:
        for each in dict.fromkeys(hashes):
            if where.setdefault(each, name) != name:
                leaks.append(f"{name} has the {kind} {each} of {where[each]}")
    return leaks
