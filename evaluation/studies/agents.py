"""What a study judges beside its runs: scripted agents and others that are not trained by it."""

from __future__ import annotations

import re
from pathlib import Path

from evaluation.studies.file import Study
from evaluation.studies.state import verdict_in
from minecraft_tasks.core.files import write_csv
from minecraft_tasks.tasks import task as find_task


def judge_agent(name: str, task: str, out: Path, levels: int | None) -> None:
    """Judges an agent and writes its report.

    Args:
        name: The agent, as `load_agent` takes it.
        task: Name of the task.
        out: The evaluation directory.
        levels: At most so many levels of each split; all where it is None.
    """
    # Loaded only here: a job that has nothing to judge starts a second sooner.
    from evaluation.judge import evaluate
    from evaluation.records.requests import EvaluationRequest
    from evaluation.report.run_page import write_report

    print(f"judging {name}", flush=True)
    evaluate(EvaluationRequest(task=task, agent=name, levels=levels), out)
    write_report(out)


def agent_directory(root: Path, task: str, agent: str) -> Path:
    """Where a study keeps the evaluation of an agent that is no run of its own."""
    return root / find_task(task).spec.name / "agents" / re.sub(r"[^\w.-]+", "-", agent)


def judge_agents(study: Study, root: Path) -> None:
    """Judges the agents of a study, wherever their verdict is not there yet; then lists them.

    `agents.csv` has one row for each task and agent.

    Raises:
        FalseBeaconError: If one cannot be judged.
    """
    if not study.agents:
        return
    rows = [("task", "agent", "outcome", "toward")]
    for task in study.tasks:
        for agent in study.agents:
            out = agent_directory(root, task, agent)
            if verdict_in(out, task, study.levels) is None:
                out.parent.mkdir(parents=True, exist_ok=True)
                judge_agent(agent, task, out, study.levels)
            verdict = verdict_in(out, task, study.levels)
            assert verdict is not None
            rows.append((task, agent, verdict.outcome, " + ".join(verdict.toward)))
    write_csv(root / "agents.csv", rows)
