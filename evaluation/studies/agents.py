"""What a study judges: its runs, and agents that are not trained by it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from evaluation.studies.file import Study
from evaluation.studies.runs import verdict_in
from evaluation.studies.table import write_csv
from minecraft_tasks.tasks import task as find_task


def judge_agent(name: str, task: str, out: Path, levels: int | None) -> None:
    """Judges an agent, as `load_agent` takes it, on so many levels, and writes its report."""
    # Loaded only here: a job that has nothing to judge starts a second sooner.
    from evaluation.judge import evaluate
    from evaluation.report.run_page import write_report
    from policies.agents.loading import load_agent

    for unfinished in out.parent.glob(f".{out.name}-*"):
        shutil.rmtree(unfinished, ignore_errors=True)
    print(f"judging {name}", flush=True)
    found = find_task(task)
    evaluate(load_agent(name, found), found, out, levels=levels)
    write_report(out)


def agent_directory(root: Path, task: str, agent: str) -> Path:
    """Where a study keeps the evaluation of an agent that is no run of its own."""
    return root / task / "agents" / re.sub(r"[^\w.-]+", "-", agent)


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
