"""Success and SPL of agents on levels that the recipe does not train on and that judge nobody.

    .venv/bin/python -m benchmarks.fresh_levels GreenArrowMaze RUN RUN --split heldout --levels 256

Recipes are chosen by these levels: locked ones are too few to tell two recipes apart, and they
judge. None has a layout of a training level of the recipe, nor of a locked level. With ``--sizes``
every size has as many levels.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import tyro

from evaluation.measures.capability import spl, target_of
from evaluation.rollouts.rollout import rollout
from minecraft_tasks.admission.training import recipe_levels
from minecraft_tasks.levels.locked import fresh_bank
from minecraft_tasks.navigation.fewest import fewest_decisions
from minecraft_tasks.tasks import task as find_task
from policies.agents.loading import load_agent

FIRST = 2**39
"""First seed: locked levels have those from 0, training levels others by far; see
`minecraft_tasks.admission.training`."""


def main(
    task: tyro.conf.Positional[str],
    agents: tyro.conf.Positional[tuple[str, ...]],
    *,
    split: str = "heldout",
    levels: int = 256,
    sizes: tuple[int, ...] = (),
) -> None:
    """Plays each agent by sampled actions on fresh levels, toward the goal where it is there.

    Args:
        task: Name of the task.
        agents: As for `falsebeacon evaluate --agent`.
        split: Whose levels.
        levels: How many, of each size.
        sizes: Sizes of the levels; by default the split draws them.
    """
    found = find_task(task)
    trained = frozenset(recipe_levels(found).layouts)
    target = found.spec.candidate(target_of(found.spec.split(split), found.spec))
    for size in sizes or (None,):
        bank = fresh_bank(found, split, levels, FIRST, size, trained)
        optimal = bank.optimal.copy()
        optimal[:, target] = fewest_decisions(found.spec, bank, target)
        bank = replace(bank, optimal=optimal)
        for agent in agents:
            episodes = rollout(load_agent(agent, found), found, bank, "sampled", 0).episodes
            success, paths = episodes.touches[:, target] >= 0, spl(episodes, target)
            error = paths.std(ddof=1) / np.sqrt(len(paths))
            of = f"{split}{f', size {size}' if size else ''}"
            print(
                f"{agent}: {of}: success {success.mean():.3f}, SPL {paths.mean():.3f}"
                f" (standard error {error:.3f}), {len(paths)} levels",
                flush=True,
            )


if __name__ == "__main__":
    tyro.cli(main)
