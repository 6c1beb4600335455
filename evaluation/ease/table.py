"""Ease of each candidate of a task, registered before agents are judged.

`measure` fills these records, `prediction` predicts from them; docs/ease.md defines each measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pydantic import Field
from scipy import stats

from evaluation.statistics.estimates import CONFIDENCE, RESAMPLES
from minecraft_tasks.core.errors import StaleError
from minecraft_tasks.core.records import Record, SchemaVersion, VersionedRecord
from minecraft_tasks.spec import TaskSpec
from policies.runs.provenance import Git


class EaseMeasure(NamedTuple):
    """A measure of ease.

    Attributes:
        title: Title of its row.
        unit: Unit of its values.
        easier: 1 where larger values are easier, -1 where smaller ones are.
        vote: Measures of one vote share one voice in the predicted order.
    """

    title: str
    unit: str
    easier: int
    vote: str


_RANDOM_CNN = "probe, random CNN"
MEASURES: dict[str, EaseMeasure] = {
    "planning_depth": EaseMeasure("planning depth", "decisions", -1, "planning depth"),
    "optimal_decisions": EaseMeasure("fewest decisions", "decisions", -1, "fewest decisions"),
    "footprint": EaseMeasure("footprint", "share of the frame", 1, "footprint"),
    "visible": EaseMeasure("visible", "share of frames", 1, "footprint"),
    "probe_pixels": EaseMeasure("probe, pixels", "accuracy above chance", 1, "decodability"),
    "probe_random_cnn": EaseMeasure(_RANDOM_CNN, "accuracy above chance", 1, "decodability"),
    "detector_samples_35": EaseMeasure("detector to 0.35", "labelled frames", -1, "detector"),
    "detector_samples_45": EaseMeasure("detector to 0.45", "labelled frames", -1, "detector"),
    "rl_steps_50": EaseMeasure("RL to 50 %", "decisions", -1, "RL"),
    "rl_steps_90": EaseMeasure("RL to 90 %", "decisions", -1, "RL"),
}
"""In the order of the table."""


class Reading(Record):
    """One measure of one candidate.

    Attributes:
        value: The figure; None where a threshold was not reached within the budget.
        low: Lower end of its 95 % interval over levels; of what seeds took, the smallest. None
            where no threshold was reached.
        high: Upper end, or the largest.
        n: Levels that it rests on.
        seeds: One figure for each seed, in their order; None where that one did not reach the
            threshold. Empty where no seed is involved.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int
    seeds: tuple[float | None, ...] = ()


class Stage(Record):
    """Measures that were taken together.

    Attributes:
        settings: All that decides the figures, sizes and seeds.
        readings: Measure -> candidate -> figure.
        created: UTC, ISO 8601.
        seconds: Wall time.
        git: Revision of the source.
        versions: Package -> version.
        runs: Training run -> revision of the source that it was last trained with.
    """

    settings: dict[str, Any]
    readings: dict[str, dict[str, Reading]]
    created: str
    seconds: float
    git: Git
    versions: dict[str, str]
    runs: dict[str, str] = Field(default_factory=dict)


def all_readings(stages: Mapping[str, Stage]) -> dict[str, dict[str, Reading]]:
    """Measure -> candidate -> figure, of all stages."""
    return {name: each for stage in stages.values() for name, each in stage.readings.items()}


class Prediction(Record):
    """The order that a table predicts.

    Attributes:
        order: Candidates, the easiest and so the most preferred first; ties as in the task.
        mean_rank: Candidate -> mean over the votes of its rank, 1 for the easiest.
        measures: Measures that it rests on.
    """

    order: tuple[str, ...]
    mean_rank: dict[str, float]
    measures: tuple[str, ...]


class Ease(VersionedRecord):
    """The table of a task.

    Attributes:
        schema_version: Version of this file; ``schema`` in the JSON.
        task: Name of the task.
        task_hash: Its hash.
        look: Version of the pictures, `scene.LOOK_VERSION`.
        candidates: In the order of the task.
        stated: The order that was stated by hand, `TaskSpec.ease`.
        stages: Stage -> what it measured.
        prediction: From all measures so far.
    """

    schema_version: SchemaVersion = 1
    task: str
    task_hash: str
    look: int
    candidates: tuple[str, ...]
    stated: tuple[str, ...]
    stages: dict[str, Stage] = Field(default_factory=dict)
    prediction: Prediction

    @property
    def readings(self) -> dict[str, dict[str, Reading]]:
        """Measure -> candidate -> figure, of all stages, in the order of `MEASURES`."""
        found = all_readings(self.stages)
        return {name: found[name] for name in MEASURES if name in found}


def read_ease(path: Path, spec: TaskSpec, look: int | None = None) -> Ease:
    """The registered table of a task.

    Args:
        path: Its file, as a rule ``task.file("ease")``.
        spec: The task.
        look: Version of the pictures that it must have been measured on; None for any.

    Raises:
        CorruptFileError: If it is missing or damaged.
        StaleError: If it is of another schema, version of the task, or of its pictures.
    """
    ease = Ease.read(path, f"run `falsebeacon ease {spec.name}` again")
    again = f"run `falsebeacon ease {spec.name} --again`"
    if ease.task_hash != spec.task_hash:
        raise StaleError(
            f"{path} was measured for task hash {ease.task_hash}, {spec.name} now has "
            f"{spec.task_hash}: {again}."
        )
    if look is not None and ease.look != look:
        raise StaleError(
            f"{path} was measured on pictures of version {ease.look}, the engine now draws "
            f"version {look}: {again}."
        )
    return ease


def over_levels(values: np.ndarray, statistic: Any = np.mean) -> Reading:
    """The mean or median of values float[n], with its percentile bootstrap interval over levels."""
    values = np.asarray(values, float)
    low, high = stats.bootstrap(
        (values,), statistic, n_resamples=RESAMPLES, confidence_level=CONFIDENCE,
        method="percentile", rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    return Reading(value=float(statistic(values)), low=float(low), high=float(high), n=len(values))


def over_seeds(reached: list[float | None], n: int) -> Reading:
    """The median over seeds of the effort to reach a threshold, measured on n levels.

    A seed that never did (None) counts as infinity; an infinite median is None.
    """
    filled = [np.inf if each is None else each for each in reached]
    # Of an even number, the larger of the two in the middle: infinity has no mean.
    middle = float(np.quantile(filled, 0.5, method="higher"))
    value = None if np.isinf(middle) else middle
    ends = [None if np.isinf(end) else float(end) for end in (min(filled), max(filled))]
    return Reading(value=value, low=ends[0], high=ends[1], n=n, seeds=tuple(reached))
