"""What a study judges beside its runs: agents that it does not train."""

from __future__ import annotations

import re
from pathlib import Path

from evaluation.studies.file import Study
from evaluation.studies.jobs import judge_agent
from evaluation.studies.runs import verdict_in
from minecraft_tasks.core.files import write_csv
from minecraft_tasks.tasks import task as find_task


def agent_directory(root: Path, task: str, agent: str) -> Path:
    """Where a study keeps the evaluation of an agent that is no run of its own."""
    return root / find_task(task).spec.name / "agents" / re.sub(r"[^\w.-]+", "-", agent)


def judge_agents(study: Study, root: Path) -> None:
    """Judges the agents of a study that have no verdict yet; lists all of them in `agents.csv`.

    Raises:
        FalseBeaconError: If one cannot be judged.
    """
    rows = [("task", "agent", "outcome", "toward")]
    for task, agent in ((task, agent) for task in study.tasks for agent in study.agents):
        out = agent_directory(root, task, agent)
        if verdict_in(out, task, study.levels) is None:
            judge_agent(agent, task, out, study.levels)
        verdict = verdict_in(out, task, study.levels)
        assert verdict is not None
        rows.append((task, agent, verdict.outcome, " + ".join(verdict.toward)))
    if study.agents:
        write_csv(root / "agents.csv", rows)
