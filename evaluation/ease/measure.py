"""Measures how easy each candidate of a task is, stage by stage, into `ease/<task>.json`.

Every level is a fresh draw from `EASE_SEEDS` on: none has the layout of a locked level, and none
is a level that agents are trained on.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch

from evaluation.ease.detector import samples_to
from evaluation.ease.planning import effort
from evaluation.ease.poses import POSE_FRAME_SIDE, Views, marker_pixels, views
from evaluation.ease.prediction import predict
from evaluation.ease.probes import ProbeSplit, decodability, pixels, random_features
from evaluation.ease.settings import DetectorSettings, EaseRequest, PathSettings, ViewSettings
from evaluation.ease.table import (
    Ease,
    Reading,
    Stage,
    all_readings,
    over_levels,
    over_seeds,
    read_ease,
)
from evaluation.ease.training import run_config, steps_to
from evaluation.records.info import now
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.records import Record
from minecraft_tasks.levels.locked import fresh_bank
from minecraft_tasks.spec import LOOK_VERSION, TaskSpec
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.visibility.footprint import SEEN_PIXELS
from policies.runs.provenance import git_state, package_versions

Readings = dict[str, dict[str, Reading]]


def factorial(spec: TaskSpec) -> str:
    """The split on which every candidate has a site of its own, or `FalseBeaconError`."""
    found = [split.name for split in spec.of_kind("factorial")]
    if not found:
        raise FalseBeaconError(f"{spec.name} has no factorial split, on which ease is measured.")
    return found[0]


def path_splits(spec: TaskSpec) -> dict[str, str]:
    """Candidate -> split for its path: alone, or the factorial one if a candidate lacks that."""
    names = {split.name for split in spec.splits}
    alone = {name: spec.alone(name) for name in spec.candidate_names}
    if set(alone.values()) <= names:
        return alone
    return dict.fromkeys(spec.candidate_names, factorial(spec))


def measure_paths(task: Task, settings: PathSettings) -> Readings:
    """Fewest decisions and planning depth."""
    found: Readings = {"planning_depth": {}, "optimal_decisions": {}}
    for name, split in path_splits(task.spec).items():
        bank = fresh_bank(task, split, settings.levels, settings.first_seed)
        taken = effort(task.spec, bank, task.spec.candidate(name))
        found["planning_depth"][name] = over_levels(taken.depths)
        found["optimal_decisions"][name] = over_levels(taken.decisions, np.median)
    return found


def all_views(task: Task, settings: ViewSettings) -> ProbeSplit:
    """Frames to fit on, to choose on and to test on."""
    fit = settings.fit_levels
    choose = fit + settings.choose_levels
    count = choose + settings.test_levels
    bank = fresh_bank(task, factorial(task.spec), count, settings.first_seed)
    seen = views(task, bank, settings.poses, settings.seed)
    return ProbeSplit(seen.levels(0, fit), seen.levels(fit, choose), seen.levels(choose))


def measure_footprints(task: Task, seen: Views) -> Readings:
    """Share of pixels that show the candidate, and share of frames that do."""
    found: Readings = {"footprint": {}, "visible": {}}
    for candidate in task.spec.candidates:
        shown = marker_pixels(seen.ids, candidate)
        found["footprint"][candidate.name] = over_levels(seen.by_level(shown / POSE_FRAME_SIDE**2))
        found["visible"][candidate.name] = over_levels(seen.by_level(shown >= SEEN_PIXELS))
    return found


def measure_views(task: Task, settings: ViewSettings) -> Readings:
    """Footprints, and how well linear probes read each candidate's direction."""
    split, names = all_views(task, settings), task.spec.candidate_names
    networks = [random_features(seed) for seed in settings.networks]
    found = measure_footprints(task, split.fit)
    found["probe_pixels"] = decodability(split, [pixels], names)
    return {**found, "probe_random_cnn": decodability(split, networks, names)}


def measure_detectors(task: Task, settings: DetectorSettings) -> Readings:
    """Labelled frames that a detector needs."""
    split = all_views(task, settings.views)
    found: Readings = {"detector_samples_35": {}, "detector_samples_45": {}}
    for index, name in enumerate(task.spec.candidate_names):
        reached = [
            samples_to(split.fit, split.test, index, settings, seed) for seed in settings.seeds
        ]
        for measure, each in zip(found, zip(*reached, strict=True), strict=True):
            found[measure][name] = over_seeds(list(each), settings.views.test_levels)
    return found


def measure_rl(
    task: Task, request: EaseRequest, tell: Callable[[str], None]
) -> tuple[Readings, dict[str, str]]:
    """Steps to each threshold, and the revision that each run was trained with."""
    settings = request.rl
    bank = fresh_bank(task, factorial(task.spec), settings.levels, settings.first_seed)
    found: Readings = {"rl_steps_50": {}, "rl_steps_90": {}}
    revisions = {}
    for name in task.spec.candidate_names:
        reached = []
        for seed in settings.seeds:
            directory = request.runs / task.spec.name / name / f"seed{seed}"
            config = run_config(task.name, name, seed, settings.steps, request.threads)
            steps, record = steps_to(task, settings.thresholds, bank, config, directory, tell)
            reached.append(steps)
            revisions[f"{name}/seed{seed}"] = str(record.sessions[-1].git.revision)
        for measure, each in zip(found, zip(*reached, strict=True), strict=True):
            found[measure][name] = over_seeds(list(each), settings.levels)
    return found, revisions


def measure(request: EaseRequest, tell: Callable[[str], None]) -> Ease:
    """Fills a task's table; stages that were measured with the same settings are kept.

    The table is written after every stage, so that a command that was killed can be resumed.

    Raises:
        StaleError: If there is a table of another version of the task, and not `again`.
        UnknownNameError: If there is no such task.
    """
    torch.set_num_threads(request.threads)
    task = find_task(request.task)
    spec, path = task.spec, request.table(task)
    kept = not request.again and path.exists()
    stages = dict(read_ease(path, spec, LOOK_VERSION).stages) if kept else {}

    def stage(
        name: str, chosen: Record, taken: Callable[[], tuple[Readings, dict[str, str]]]
    ) -> None:
        settings = chosen.model_dump(mode="json")
        if name in stages and stages[name].settings == settings:
            tell(f"{name}: measured {stages[name].created}, kept")
            return
        tell(f"{name}: measuring")
        started = time.monotonic()
        readings, trained = taken()
        stages[name] = Stage(
            settings=settings,
            readings=readings,
            created=now(),
            seconds=round(time.monotonic() - started, 1),
            git=git_state(),
            versions=package_versions(),
            runs=trained,
        )
        ease_table(spec, stages).write(path)

    stage("paths", request.paths, lambda: (measure_paths(task, request.paths), {}))
    stage("views", request.views, lambda: (measure_views(task, request.views), {}))
    stage("detector", request.detector, lambda: (measure_detectors(task, request.detector), {}))
    if not request.skip_rl:
        stage("rl", request.rl, lambda: measure_rl(task, request, tell))
    return ease_table(spec, stages)


def ease_table(spec: TaskSpec, stages: dict[str, Stage]) -> Ease:
    """The table that some stages make."""
    return Ease(
        task=spec.name,
        task_hash=spec.task_hash,
        look=LOOK_VERSION,
        candidates=spec.candidate_names,
        stated=spec.ease,
        stages=stages,
        prediction=predict(all_readings(stages), spec.candidate_names),
    )
