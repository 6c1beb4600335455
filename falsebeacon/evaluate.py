"""``falsebeacon evaluate``: judge any agent on a task's locked levels."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import tyro

from evaluation.records.requests import EvaluationRequest
from falsebeacon.command import Command
from falsebeacon.report import show_report, track
from policies.runs.agent_names import AgentRef


class Evaluate(EvaluationRequest, Command):
    """Judge an agent and write its report.

    Attributes:
        out: Evaluation directory; <run>/evaluation for a run, else
            runs/<task>/judged/<agent>.
        track: Add it to the page of the agent's run at Weights & Biases.
    """

    task: Annotated[str, tyro.conf.Positional]
    out: Path | None = None
    track: bool = False

    def run(self) -> None:
        """Judge, and print the table and where the report is."""
        from minecraft_tasks.core.progress import Stages
        from minecraft_tasks.tasks import task as find_task

        task = find_task(self.task)
        for name in self.splits:
            task.spec.split(name)
        from evaluation.judge import asked_agent, evaluate

        agent = asked_agent(self, task)
        out = self.out or evaluation_directory(task.spec.name, self.agent)

        with Stages() as stages:
            evaluate(self, out, stages, agent)
        show_report(out)
        if self.track:
            track(out)


def evaluation_directory(task_name: str, agent: str) -> Path:
    """Default of `--out` for an agent."""
    ref = AgentRef.parse(agent)
    run, ablated = Path(ref.name), "".join(f"-{name}" for name in ref.ablations)
    if run.is_dir():
        return run / f"evaluation{ablated}"
    if run.suffix in (".zip", ".safetensors") and ":" not in str(run):
        return run.parent.parent / f"evaluation-{run.stem}{ablated}"
    return Path("runs") / task_name / "judged" / re.sub(r"[^\w.-]+", "-", agent)
