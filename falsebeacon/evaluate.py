"""``falsebeacon evaluate``: judge any agent on a task's locked levels."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import tyro
from pydantic import Field

from evaluation.rollouts.limits import ACT_SECONDS
from falsebeacon.command import Command, Natural, Positive, Seconds
from falsebeacon.stages import Stages
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from policies.runs.agent_names import whole


class Evaluate(Command):
    """Judge an agent and write its report.

    Attributes:
        task: Name of the task.
        agent: A run directory or checkpoint, sb3:<zip>, oracle:<candidate>,
            device:<name>, random, or package.module:factory; memoryless:<agent> resets its state
            at every step, and blind:<agent> shows it one grey frame.
        out: Evaluation directory; <run>/evaluation for a run, else
            runs/<task>/judged/<agent>.
        splits: Only these splits.
        levels: At most so many levels of each split.
        modes: How actions are picked; sampled carries the verdict where it is played.
        seed: Seed of the sampled actions.
        act_timeout: Seconds that one call of the agent may take; the episodes that were running
            are invalid otherwise.
        other_task_version: Judge a run though it was made for another version of the task; the
            records say so.
        backend: Which engine shows the levels; minerl is Minecraft itself (docs/minerl.md).
        minerl: How Minecraft is run, for that backend.
    """

    task: Annotated[str, tyro.conf.Positional]
    agent: Annotated[str, Field(min_length=1)]
    out: Path | None = None
    splits: tuple[str, ...] = ()
    levels: Positive | None = None
    modes: tuple[Literal["sampled", "greedy"], ...] = ("sampled", "greedy")
    seed: Natural = 0
    act_timeout: Seconds = ACT_SECONDS
    other_task_version: bool = False
    backend: Literal["voxel", "minerl"] = "voxel"
    minerl: Annotated[MineRLSettings, tyro.conf.OmitArgPrefixes] = MineRLSettings()

    def run(self) -> None:
        """Judge, and print the table and where the report is."""
        from minecraft_tasks.tasks import task

        found = task(self.task)
        for name in self.splits:
            found.spec.split(name)
        from policies.agents.loading import load_agent

        agent = load_agent(self.agent, found, self.other_task_version)
        out = self.out or evaluation_directory(self.task, self.agent)
        from evaluation.judge import evaluate
        from evaluation.report.run_page import report_text, write_report

        with Stages() as stages:
            evaluate(
                agent,
                found,
                out,
                self.splits or None,
                self.modes,
                self.levels,
                self.seed,
                stages,
                self.act_timeout,
                self.other_task_version,
                self.backend,
                self.minerl if self.backend == "minerl" else None,
            )
        page = write_report(out)
        print(report_text(out))
        print(f"report: {page}")


def evaluation_directory(task_name: str, agent: str) -> Path:
    """Where an agent's evaluation goes unless `--out` says."""
    run = Path(whole(agent))
    lessened = "".join(f"-{kind}" for kind in agent.removesuffix(whole(agent)).split(":") if kind)
    if run.is_dir():
        return run / f"evaluation{lessened}"
    if run.suffix == ".zip" and ":" not in str(run):
        return run.parent.parent / f"evaluation-{run.stem}{lessened}"
    return Path("runs") / task_name / "judged" / re.sub(r"[^\w.-]+", "-", agent)
