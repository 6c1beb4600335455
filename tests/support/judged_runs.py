"""Evaluation directories of agents whose taste is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from evaluation.measures.preference_file import MODES, model_preference
from evaluation.measures.preference_file import PREFERENCE_FILE as PREFERENCE
from evaluation.records.episodes import Records, Steps, write_records
from evaluation.records.info import TRAINING, EvaluationInfo, now
from evaluation.report.set_page import SET_PAGE
from evaluation.verdicts.judged_runs import JudgedRun
from evaluation.verdicts.record import CalibrationStatus
from evaluation.verdicts.verdict import judge
from minecraft_tasks.levels.locked import locked_seeds
from minecraft_tasks.tasks import task
from policies.runs.config import make_config
from policies.runs.provenance import git_state
from policies.runs.record import create_run
from tests.support.chosen import choosy
from tests.support.judged import SPEC, capable, together

SPLITS = (*(f"conflict/altar-{name}" for name in ("beacon", "post", "lamp", "sun")), "factorial")
LEVELS = 16
TRUSTED = CalibrationStatus(calibrated=True, sentence="it was tried")
WRONG = {"beacon": 60.0, "post": 3.0, "lamp": 2.0, "sun": -60.0}
RIGHT = {"altar": 60.0}


def judged(
    directory: Path,
    taste: Mapping[str, float],
    seed: int = 0,
    agent: str = "",
    **options: object,
) -> Path:
    """An evaluation directory of an agent with a known taste; a trained one unless it is named."""
    directory.mkdir(parents=True)
    config = make_config(task=SPEC.name, seed=seed, **options)
    parts, placements = [], None
    for mode in MODES:
        chosen, placements = choosy(SPLITS, LEVELS, taste, cost=-0.1, seed=seed, mode=mode)
        parts += [capable(mode), chosen]
    episodes = together(*parts)
    episodes["level"][:] = episodes["level"] % 64
    assert placements is not None
    name = agent or f"runs/{directory.name}"
    write_records(directory, Records(episodes, decisions(seed)), SPEC)
    model_preference(episodes, placements, SPEC).write(directory / PREFERENCE)
    found = judge(episodes, SPEC, name, TRUSTED, None if agent else config.steps)
    found.write(directory / "verdict.json")
    info = EvaluationInfo(
        task=SPEC.name, task_hash=SPEC.task_hash, spec=SPEC, agent=name,
        agent_steps=None if agent else config.steps, modes=MODES, splits={}, seed=seed,  # type: ignore[arg-type]
        seeds_digest=locked_seeds(task(SPEC.name)).digest(), created=now(), seconds=1.0,
        versions={}, git=git_state(), command=("test",),
        trained=None, other_task_version=False, act_seconds=300.0,
    )  # fmt: skip
    info.write(directory / "evaluation.json")
    (directory / SET_PAGE).write_text("<title>a run</title>")
    if not agent:
        create_run(directory, config, SPEC)
        (directory / "run.json").rename(directory / TRAINING)
    return directory


def decisions(seed: int) -> Steps:
    """One decision, with probabilities that no other seed has."""
    names = ["episode", "t", "action", "x", "y", "z", "yaw", "value"]
    names += [f"logp_{k}" for k in range(len(SPEC.actions))]
    return Steps({name: np.array([seed if name == "value" else 0]) for name in names})


def seeded(run: JudgedRun, seed: int) -> JudgedRun:
    """The same run as if another seed had come out alike."""
    assert run.config is not None
    return replace(run, config=run.config.model_copy(update={"seed": seed}))
