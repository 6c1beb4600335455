"""What `ease` is asked, and what decides its figures: sizes, thresholds and seeds of stages."""

from __future__ import annotations

from pathlib import Path

from minecraft_tasks.core.records import Natural, Positive, Record
from minecraft_tasks.tasks.base import Task

EASE_SEEDS = 3 * 2**40
"""Levels of these measurements have seeds from here on."""


class PathSettings(Record):
    """Of fewest decisions and planning depth.

    Attributes:
        levels: Offered for each candidate; those out of reach by admission's rule are left out.
        first_seed: Of the levels.
    """

    levels: int = 40
    first_seed: int = EASE_SEEDS


class ViewSettings(Record):
    """Of footprints and probes.

    Attributes:
        fit_levels: To fit probes and detectors on.
        choose_levels: To choose a probe's penalty on.
        test_levels: To measure accuracy on.
        poses: On each level.
        seed: Of the poses.
        networks: Seeds of untrained encoders to probe.
        first_seed: Of the levels.
    """

    fit_levels: int = 128
    choose_levels: int = 32
    test_levels: int = 64
    poses: int = 32
    seed: int = 0
    networks: tuple[int, ...] = (0, 1, 2)
    first_seed: int = EASE_SEEDS


class DetectorSettings(Record):
    """Of supervised detectors.

    Attributes:
        views: Frames to learn from and to measure accuracy on; poses are the same as the probes'.
        thresholds: Accuracy on the test levels, of the measures `detector_samples_35` and
            `detector_samples_45`; chance is near 0.25.
        sizes: Numbers of frames to learn from.
        epochs: Passes over the frames.
        fewest: Gradient steps at least.
        seeds: Of the draw of frames, of weights and batches.
    """

    views: ViewSettings = ViewSettings()
    thresholds: tuple[float, float] = (0.35, 0.45)
    sizes: tuple[int, ...] = (64, 128, 256, 512, 1024, 2048, 4096)
    epochs: int = 8
    fewest: int = 100
    seeds: tuple[int, ...] = (0, 1, 2)


class RLSettings(Record):
    """Of training runs.

    Attributes:
        steps: Decisions; 0 for those of its recipe.
        seeds: Training seeds.
        thresholds: Success on levels of their own, of the measures `rl_steps_50` and `rl_steps_90`.
        levels: How many of those.
        first_seed: Of the levels; beyond those of the other measures.
    """

    steps: int = 0
    seeds: tuple[int, ...] = (0,)
    thresholds: tuple[float, float] = (0.5, 0.9)
    levels: int = 64
    first_seed: int = EASE_SEEDS + 2**39


class EaseRequest(Record):
    """A measurement of a task's ease; a table stores what each stage was asked beside its figures.

    Attributes:
        task: Name of the task, or package.module:TASK.
        skip_rl: Train no agent: leave out how long one takes to find each candidate.
        seeds: Training seeds for that, 0 to this less one.
        steps: Decisions of each run; those of the task's recipe by default.
        runs: Directory of those runs.
        out: Directory to keep the table in, as <task>.json, instead of where the task has it.
        threads: Of torch.
        again: Measure everything again.
        paths: Of fewest decisions and planning depth.
        views: Of footprints and probes.
        detector: Of supervised detectors.
    """

    task: str
    skip_rl: bool = False
    seeds: Positive = 1
    steps: Natural = 0
    runs: Path = Path("runs") / "ease"
    out: Path | None = None
    threads: Positive = 2
    again: bool = False
    paths: PathSettings = PathSettings()
    views: ViewSettings = ViewSettings()
    detector: DetectorSettings = DetectorSettings()

    @property
    def rl(self) -> RLSettings:
        """Of training runs."""
        return RLSettings(steps=self.steps, seeds=tuple(range(self.seeds)))

    def table(self, task: Task) -> Path:
        """Path of the table."""
        return self.out / f"{task.spec.name}.json" if self.out else task.file("ease")
