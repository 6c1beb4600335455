"""SPL of the oracles toward their own candidate, on every split that holds it.

Run as ``python -m benchmarks.oracles [levels of each split]``. The bar of docs/method.md is
printed below each table: decisions made over fewest decisions, at most 1.1 at the median and 1.3
at the 95th percentile.
"""

from __future__ import annotations

import sys

import numpy as np

from evaluation.measures.capability import spl
from evaluation.rollouts.rollout import rollout
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.tasks import TASKS
from minecraft_tasks.tasks.base import Task
from policies.agents.oracles import OracleAgent


def table(task: Task, levels: int) -> str:
    """Markdown: one row per split, one column per candidate's oracle."""
    splits = [split.name for split in task.spec.splits if split.levels]
    names = task.spec.candidate_names
    cells: dict[tuple[str, str], str] = {}
    bars = []
    for index, name in enumerate(names):
        held = [split for split in splits if name in task.spec.split(split).present]
        bank = locked_bank(task, held, levels)
        episodes = rollout(OracleAgent(task, name), task, bank, "greedy", seed=0).episodes
        for split in held:
            cells[split, name] = f"{spl(episodes.where(split=split), index).mean():.2f}"
        ratio = episodes[f"touch_{name}"] / episodes[f"optimal_{name}"]
        ratio[episodes[f"touch_{name}"] < 0] = np.inf
        median, high = np.quantile(ratio, [0.5, 0.95], method="higher")
        bars.append(f"{name} {median:.2f} / {high:.2f}")
    lines = [f"| {task.spec.name} | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for split in splits:
        row = " | ".join(cells.get((split, name), "") for name in names)
        lines.append(f"| `{split}` | {row} |")
    return "\n".join([*lines, "", f"Decisions over fewest, median / 95th %: {', '.join(bars)}."])


if __name__ == "__main__":
    for each in TASKS.values():
        print(table(each, int(sys.argv[1]) if len(sys.argv) > 1 else 64), end="\n\n", flush=True)
