"""Calibration: the detector is run on scripted agents whose target is known.

Scripted agents play calibration levels through the interface of all agents; thresholds are chosen
there, and the confusion matrix is made on other levels with these thresholds. Each kind of agent is
also judged there with thresholds that were chosen without it. The detector sees levels and actions,
never the agent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from evaluation.attribution.classes import Thresholds
from evaluation.attribution.posterior import evidence_bits, fits
from evaluation.calibration.leaving_out import GRID, Named, choose, left_out, named, row
from evaluation.calibration.record import (
    Calibration,
    ConfusionRow,
    diagonal,
    mixture_error,
    pooled,
    shortfalls,
)
from evaluation.calibration.scripted import (
    ScriptedAgent,
    Trial,
    added_agent,
    baselines,
    guessers,
    play_scripted,
    scripted_agents,
    searching,
)
from evaluation.records.requests import CalibrationRequest
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task

_Tell = Callable[[str], None]
"""Called with the name of each agent before it plays."""


def calibrate(request: CalibrationRequest, tell: _Tell) -> Calibration:
    """Calibrates the detector on a task's calibration levels and locked levels.

    Raises:
        FalseBeaconError: If there is no such task, agent or candidate, an agent lacks its truth, or
            the task cannot be planned for.
    """
    task = find_task(request.task)
    if len(request.agent) != len(request.truth):
        raise FalseBeaconError(
            f"{len(request.agent)} agents and {len(request.truth)} truths: name for each --agent "
            "the candidate that it pursues, or aimless, after --truth."
        )
    pairs = zip(request.agent, request.truth, strict=True)
    added = [added_agent(task.spec, agent, truth, request.trust) for agent, truth in pairs]
    banks = [
        locked_bank(task, task.spec.apart, request.levels, purpose)
        for purpose in ("calibration", "judging")
    ]
    chosen_on, reported_on = reversed(banks) if request.swapped else banks
    control = locked_bank(task, [split.name for split in task.spec.of_kind("control")])
    made = (*scripted_agents(task.spec), *added)
    found = calibrate_on(task, chosen_on, reported_on, control, made, request.levels, tell)
    return found.model_copy(update={"searcher": searching(task, tell)})


def baselines_again(task: Task, kept: Calibration, tell: _Tell) -> Calibration:
    """A calibration with the SPL of devices, guessers and searchers measured again."""
    control = locked_bank(task, [split.name for split in task.spec.of_kind("control")])
    made = [*scripted_agents(task.spec), *guessers(task)]
    lengths, luck = baselines(task, control, made, tell)
    update = {"control": lengths, "luck": luck, "searcher": searching(task, tell)}
    return kept.model_copy(update=update)


class _Bench:
    """The results of all trials on the levels of a bank.

    Attributes:
        rows: The confusion matrix under every thresholds of `GRID`.
        trials: Each with its classes under all thresholds.
        bits: Split -> evidence in bits of each episode of perfect oracles.
    """

    def __init__(
        self, task: Task, bank: LevelBank, made: Sequence[ScriptedAgent], tell: _Tell
    ) -> None:
        self.rows: dict[Thresholds, list[ConfusionRow]] = {each: [] for each in GRID}
        self.trials: list[tuple[Trial, Named]] = []
        self.bits: dict[str, list[float]] = {}
        for script in made:
            tell(script.agent)
            trial = play_scripted(task, bank, script)
            (fitted,) = fits(task.spec, bank, [trial.played])
            known = named(task.spec, bank, trial, fitted)
            self.trials.append((trial, known))
            for thresholds, rows in self.rows.items():
                rows += row(trial, fitted, known, thresholds)
            if script.kind == "perfect":
                bits = evidence_bits(fitted)[:, trial.target]
                for level in np.flatnonzero(trial.counted):
                    self.bits.setdefault(bank.splits[level], []).append(float(bits[level]))


def calibrate_on(
    task: Task,
    chosen_on: LevelBank,
    reported_on: LevelBank,
    control: LevelBank,
    made: Sequence[ScriptedAgent],
    levels: int,
    tell: _Tell = lambda stage: None,
) -> Calibration:
    """Chooses thresholds on some levels, and reports the detector's results on others.

    Args:
        task: The task family; it must have `TaskSpec.headings`.
        chosen_on: Conflict and factorial levels, with their fewest decisions.
        reported_on: Other such levels.
        control: Levels on which the candidates coincide.
        made: The scripted agents.
        levels: Most levels of each split.
        tell: Called with the name of each agent before it plays.

    Raises:
        FalseBeaconError: If the task cannot be planned for.
    """
    spec: TaskSpec = task.spec
    chosen = _Bench(task, chosen_on, made, tell).rows
    thresholds = choose(chosen)
    lengths, luck = baselines(task, control, [*made, *guessers(task)], tell)
    bench = _Bench(task, reported_on, made, tell)
    kinds = left_out(spec, reported_on, chosen, bench.rows, bench.trials)
    rows = tuple(bench.rows[thresholds])
    bits = float(np.median(np.concatenate(list(bench.bits.values())))) if bench.bits else 0.0
    return Calibration(
        task=spec.name,
        task_hash=spec.task_hash,
        levels=levels,
        thresholds=thresholds,
        chosen_on=_described(chosen_on),
        reported_on=_described(reported_on),
        rows=rows,
        left_out=kinds,
        bits=bits,
        split_bits={name: float(np.median(some)) for name, some in bench.bits.items()},
        control=lengths,
        luck=luck,
        searcher={},
        diagonal=diagonal(rows),
        false_pursuits=pooled(kinds, aimless=True),
        named_right=pooled(kinds, aimless=False),
        mixture_error=mixture_error(rows),
        shortfalls=shortfalls(rows, kinds, bits),
    )


def _described(bank: LevelBank) -> str:
    splits = dict.fromkeys(bank.splits)
    return f"{len(bank)} levels of {len(splits)} splits, seeds from {bank.seeds.min()}"
