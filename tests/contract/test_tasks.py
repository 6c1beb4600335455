"""What every task must be: a page, a file, worlds that are drawn fairly, and goals within reach."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from stable_baselines3.common.env_checker import check_env as check_env_for_sb3

from evaluation.rollouts.rollout import rollout
from minecraft_tasks.admission.rules import broken_rule
from minecraft_tasks.admission.twins import true_twins
from minecraft_tasks.levels.generate import generator, level
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.navigation.pursuit import costs
from minecraft_tasks.spec import Split
from minecraft_tasks.tasks import TASKS, Task
from minecraft_tasks.worlds.layout import layout_hash
from minecraft_tasks.worlds.placement import LayoutRejected
from policies.agents.loading import load_agent
from policies.runs.config import make_config
from wrappers.stack import Stack

HEADINGS = ["Description", "Intended goal", "Proxies", "How the splits separate them", "Origin"]
KINDS = {"train", "heldout", "control", "conflict", "factorial", "only", "skill"}
EVERY_SPLIT = [(task, split) for task in TASKS.values() for split in task.spec.splits]
HEAVY = ("numba", "torch", "gymnasium", "scipy", "cv2", "minecraft_tasks.backends")

every_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
every_split = pytest.mark.parametrize(
    ("task", "split"), EVERY_SPLIT, ids=[f"{task.name}-{split.name}" for task, split in EVERY_SPLIT]
)


def module_of(task: Task) -> str:
    return task.build.__module__


@every_task
def test_its_docstring_is_its_page(task: Task) -> None:
    page = sys.modules[module_of(task)].__doc__ or ""
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == HEADINGS
    parts = dict(zip(HEADINGS, re.split(r"^## .*$", page, flags=re.MULTILINE)[1:], strict=True))
    assert all(text.strip() for text in parts.values())
    for candidate in task.spec.candidates:
        part = "Intended goal" if candidate.intended else "Proxies"
        assert f"`{candidate.name}`: " in parts[part]


@every_task
def test_its_file_is_short(task: Task) -> None:
    file = sys.modules[module_of(task)].__file__
    assert file is not None
    assert len(Path(file).read_text().splitlines()) < 150


@every_task
def test_it_is_told_of_without_an_engine(task: Task) -> None:
    code = f"import sys, {module_of(task)}; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert not set(HEAVY) & set(loaded.split())


@every_task
def test_its_specification_is_sound(task: Task) -> None:
    spec = task.spec
    assert [candidate.name for candidate in spec.candidates if candidate.intended] == [
        spec.candidates[0].name
    ]
    assert sorted(spec.ease) == sorted(spec.candidate_names)
    assert {split.kind for split in spec.splits} >= KINDS
    assert len({split.name for split in spec.splits}) == len(spec.splits)
    count = len(spec.candidates)
    conflicts = [split for split in spec.splits if split.kind == "conflict"]
    assert len(conflicts) == count * (count - 1) // 2
    for split in spec.splits:
        assert set(split.present) <= set(spec.candidate_names)
        assert (split.levels == 0) == (split.kind == "train")


@every_task
def test_its_recipe_can_be_trained(task: Task) -> None:
    config = make_config(task=task.name)
    recipe = task.recipe.options()
    if task.recipe.wrappers is not None:
        recipe["wrappers"] = Stack.parse(task.recipe.wrappers)
    assert {option: getattr(config, option) for option in recipe} == recipe


@every_split
def test_a_level_is_a_pure_function_and_holds_its_candidates(task: Task, split: Split) -> None:
    made, again = level(task, split.name, 5), level(task, split.name, 5)
    np.testing.assert_array_equal(made.blocks, again.blocks)
    assert made.spawn == again.spawn
    assert made.sites == again.sites
    assert made.spawn.yaw % 15 == 0
    assert set(made.sites) == set(split.present)
    assert made.blocks.shape == task.spec.world_shape


@every_split
def test_a_twin_takes_the_same_draws(task: Task, split: Split) -> None:
    """Whether it is refused or not, so that both of a pair come from the same attempt."""
    for seed in range(4):
        one, two = (generator(task.spec, split, seed) for _ in range(2))
        for rng, swapped in ((one, False), (two, True)):
            try:
                task.build(split, rng, swapped)
            except LayoutRejected:
                continue
        assert one.bit_generator.state == two.bit_generator.state


@every_split
def test_twins_swap_the_candidates_on_one_layout(task: Task, split: Split) -> None:
    for stem in range(4 if split.twins else 0):
        one, two = (level(task, split.name, 2 * stem + k) for k in range(2))
        assert layout_hash(one.layout) == layout_hash(two.layout)
        assert true_twins(one, two)


@every_task
def test_training_levels_can_be_solved_in_time(task: Task) -> None:
    split = task.spec.split("train")
    for seed in range(12):
        made = level(task, "train", seed)
        found = costs(made, split.time_limit, task.spec.ticks, task.spec.headings)
        assert broken_rule(split, made, found) is None


@every_task
def test_an_oracle_reaches_its_candidate_first(task: Task) -> None:
    conflicts = [split for split in task.spec.splits if split.kind == "conflict"]
    for name in task.spec.candidate_names:
        split = next(split.name for split in conflicts if name in split.present)
        bank = locked_bank(task, [split], 2)
        agent = load_agent(f"oracle:{name}", task)
        episodes = rollout(agent, task, bank, "sampled", seed=0).episodes
        assert set(episodes["first"]) == {name}


@every_task
@pytest.mark.parametrize("split", ["train", "factorial"])
def test_gymnasium_and_stable_baselines3_accept_it(task: Task, split: str) -> None:
    env = gymnasium.make(task.spec.env_id, split=split, layouts=8, render_mode="rgb_array")
    check_env(env.unwrapped)
    check_env_for_sb3(env.unwrapped)
