"""Training levels of every sampling: sizes, distances, and what no training level may show."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecraft_tasks.admission import training
from minecraft_tasks.admission.taken import filmed
from minecraft_tasks.admission.training import level_facts, training_levels
from minecraft_tasks.core import cache
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.generate import level, seeded_bank
from minecraft_tasks.levels.locked import locked_films, locked_layouts, locked_seeds
from minecraft_tasks.levels.replay import Regret
from minecraft_tasks.levels.sampler import LevelFacts
from minecraft_tasks.levels.sampling import make_sampler
from minecraft_tasks.navigation.fewest import fewest_decisions
from minecraft_tasks.navigation.pursuit import costs
from minecraft_tasks.spec import TaskSpec, episode_shares
from minecraft_tasks.tasks import TASKS, task
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.worlds.layout import layout_hash

FLAGSHIP, MAZE, GARDEN = (task(name) for name in ("BeaconShrine", "GreenArrowMaze", "HiddenGoal"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "falsebeacon"


def test_sizes_are_equally_frequent_and_the_levels_have_them() -> None:
    bank = training_levels(MAZE, 30, {"train": 1.0}, (2, 5)).bank
    assert np.bincount(bank.sizes).tolist()[2:] == [8, 8, 7, 7]
    for row in (0, 12, 29):
        size = int(bank.sizes[row])
        split = MAZE.spec.split("train").model_copy(update={"size": (size, size)})
        world = level(MAZE, split, int(bank.seeds[row]))
        assert world.layout.shape == (3 * size + 1,) * 2
        assert layout_hash(world.layout) == bank.layouts[row]
        assert (world.blocks == bank.blocks[row]).all()
    assert len(set(zip(bank.seeds, bank.sizes, strict=True))) == 30
    assert not training_levels(MAZE, 30, {"train": 1.0}).bank.sizes.any()


def test_a_split_leaves_out_sizes_that_it_cannot_have() -> None:
    """Three candidates have no sites of their own in a maze of two cells a side."""
    bank = training_levels(MAZE, 8, {"factorial": 1.0}, (2, 3)).bank
    assert bank.sizes.tolist() == [3] * 8


def test_sizes_that_cannot_be_are_refused() -> None:
    for sizes in ((5, 2), (0, 3)):
        with pytest.raises(FalseBeaconError, match=rf"\[{sizes[0]}, {sizes[1]}\]"):
            training_levels(MAZE, 4, {"train": 1.0}, sizes)
    with pytest.raises(FalseBeaconError, match=r"sizes \[90, 90\] .*its own are \[4, 5\]"):
        training_levels(MAZE, 4, {"train": 1.0}, (90, 90))
    with pytest.raises(FalseBeaconError, match="layouts must be a whole number of at least 1, got"):
        training_levels(MAZE, 0, {"train": 1.0})


@pytest.mark.parametrize("of", TASKS.values(), ids=TASKS)
def test_no_pool_shows_what_a_locked_level_shows(of: Task) -> None:
    shares = episode_shares(of.spec, conflict_fraction=0.5, detour_fraction=0.5)
    bank = training_levels(of, 16, shares).bank
    assert set(bank.splits) == set(shares)
    assert not locked_layouts(of) & set(bank.layouts)
    assert not filmed(of, bank, locked_films(of)).any()


def test_a_locked_film_is_recognised_and_its_levels_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for split in ("heldout", "conflict/altar-lamp"):
        locked = locked_seeds(FLAGSHIP).splits[split].levels[:4]
        bank = seeded_bank(FLAGSHIP, split, [entry.seed for entry in locked])
        assert (
            filmed(FLAGSHIP, bank, frozenset(locked[1].films)).tolist()
            == [False, True] + [False] * 2
        )
    name = "conflict/altar-lamp"
    before = training_levels(FLAGSHIP, 3, {name: 1.0}).bank
    films = frozenset(["0" * 24])
    monkeypatch.setattr(training, "locked_films", lambda of: films)
    monkeypatch.setattr(training, "filmed", lambda of, bank, known: np.arange(len(bank)) == 3)
    after = training_levels(FLAGSHIP, 3, {name: 1.0}).bank
    # Its twin goes too.
    assert after.seeds.tolist() == before.seeds[[0, 1, 4, 5]].tolist()
    monkeypatch.setattr(training, "filmed", lambda of, bank, known: np.ones(len(bank), bool))
    with pytest.raises(FalseBeaconError, match="no training level of conflict/altar-lamp"):
        training_levels(FLAGSHIP, 3, {name: 1.0})


def test_fewest_decisions_are_those_of_the_planner_and_are_kept(own_cache: Path) -> None:
    bank = seeded_bank(FLAGSHIP, "train", range(3))
    found = fewest_decisions(FLAGSHIP.spec, bank, 0)
    for row in range(3):
        assert found[row] == costs(level(FLAGSHIP, "train", row), 128).optimal["altar"]
    (kept,) = own_cache.iterdir()
    content = io.BytesIO()
    np.savez(content, np.arange(3.0))
    kept.write_bytes(zlib.compress(content.getvalue()))
    assert fewest_decisions(FLAGSHIP.spec, bank, 0).tolist() == [0, 1, 2]
    kept.write_bytes(b"half a file")
    np.testing.assert_array_equal(fewest_decisions(FLAGSHIP.spec, bank, 0), found)
    assert np.isinf(fewest_decisions(GARDEN.spec, seeded_bank(GARDEN, "only/goal", [1]), 1)).all()


def test_a_folder_that_cannot_be_written_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    bank = seeded_bank(FLAGSHIP, "train", [0])
    assert fewest_decisions(FLAGSHIP.spec, bank, 0)[0] > 0


def test_several_processes_plan_what_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    bank = seeded_bank(GARDEN, "train", range(5))
    alone = fewest_decisions(GARDEN.spec, bank, 0)
    monkeypatch.setattr(cache, "ROWS", 2)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setenv("XDG_CACHE_HOME", "/nowhere")
    np.testing.assert_array_equal(fewest_decisions(GARDEN.spec, bank, 0), alone)


def curriculum(of: Task, reward: str = "", **shares: float) -> tuple[Any, LevelFacts]:
    split = {name.replace("_", "/"): share for name, share in shares.items()} or {"train": 1.0}
    levels = training_levels(of, 32, split, None, "curriculum")
    return levels, level_facts(of, levels, "curriculum", of.spec.rewarded(reward), 0.99)


def test_a_curriculum_goes_by_size_where_a_task_has_sizes() -> None:
    levels, facts = curriculum(MAZE)
    assert set(facts.stages) == {4, 5}
    assert (facts.stages == levels.bank.sizes).all()


def test_a_curriculum_goes_by_distance_where_all_levels_have_one_size() -> None:
    levels = training_levels(FLAGSHIP, 32, {"train": 1.0}, (13, 13))
    facts = level_facts(FLAGSHIP, levels, "curriculum", FLAGSHIP.spec.intended, 0.99)
    assert len(set(facts.stages)) == 8
    order = np.argsort(facts.stages, kind="stable")
    distance = fewest_decisions(FLAGSHIP.spec, levels.bank, FLAGSHIP.spec.intended)[order]
    first = facts.stages[order]
    for stage in np.unique(first)[1:]:
        assert distance[first == stage].min() > distance[first < stage].max()


def test_a_task_whose_levels_are_equally_hard_has_no_curriculum() -> None:
    with pytest.raises(FalseBeaconError, match=r"curriculum needs .*different"):
        curriculum(GARDEN)


def test_conflict_levels_stand_outside_of_a_curriculum() -> None:
    levels, facts = curriculum(FLAGSHIP, train=0.9, **{"conflict_altar-lamp": 0.1})
    apart = np.array(levels.bank.splits) == "conflict/altar-lamp"
    assert (facts.stages[apart] == -1).all()
    assert (facts.stages[~apart] >= 0).all()


@pytest.mark.parametrize("of", [FLAGSHIP, MAZE], ids=lambda of: of.spec.name)
def test_where_candidates_coincide_no_sampling_can_favour_one(of: Task) -> None:
    """By success, size and advantages: equal outcomes give equal draws, whoever is paid for."""
    levels = training_levels(of, 32, {"train": 1.0}, None, "curriculum")
    lengths, solved = np.full(512, 20), np.arange(512) % 8 > 0
    played = np.arange(512) % 32
    for kind in ("curriculum", "prioritised", "learnability"):
        drawn = []
        for name in of.spec.candidate_names:
            facts = level_facts(of, levels, kind, of.spec.candidate(name), 0.99)
            sampler = make_sampler(kind, facts, 4)
            sampler.ended(played, lengths, solved)
            sampler.learnt(played.reshape(-1, 4), solved.reshape(-1, 4), np.ones((128, 4)))
            drawn.append(sampler.draw(np.random.default_rng(0), 200).tolist())
        assert all(draws == drawn[0] for draws in drawn)


@pytest.mark.parametrize("of", [FLAGSHIP, MAZE], ids=lambda of: of.spec.name)
def test_distance_and_regret_hardly_depend_on_the_candidate_that_is_paid_for(of: Task) -> None:
    """Sites that coincide differ by a block or two, and the sunward side is as long as its wall.

    Levels are in the same order of distance, and drawn as often by regret after equal outcomes:
    the share of draws that moves from some levels to others is a few in a hundred.
    """
    levels = training_levels(of, 48, {"train": 1.0}, None, "curriculum")
    lengths, solved = np.full(768, 20), np.arange(768) % 8 > 0
    ranks, draws = {}, {}
    for name in of.spec.candidate_names:
        facts = level_facts(of, levels, "regret", of.spec.candidate(name), 0.99)
        sampler = Regret(facts)
        sampler.ended(np.arange(768) % 48, lengths, solved)
        ranks[name], draws[name] = np.argsort(np.argsort(facts.optimal)), sampler.weigh()
    assert draws[of.spec.intended_name].std() > 0.1 / 48
    for name in of.spec.candidate_names:
        alike, moved = (0.85, 0.06) if name == "sun" else (0.97, 0.03)
        assert np.corrcoef(ranks[of.spec.intended_name], ranks[name])[0, 1] > alike
        assert np.abs(draws[of.spec.intended_name] - draws[name]).sum() / 2 < moved


def test_a_task_without_a_planner_has_no_regret() -> None:
    levels = training_levels(GARDEN, 4, {"train": 1.0})
    parts = GARDEN.spec.model_dump() | {"actions": GARDEN.spec.actions[:2]}
    spec = TaskSpec.model_validate(parts)
    bare = Task(spec, GARDEN.build)
    for kind in ("regret", "curriculum"):
        with pytest.raises(FalseBeaconError, match=rf"sampling {kind} needs .*planned for"):
            level_facts(bare, levels, kind, 0, 0.99)
    assert np.isnan(level_facts(bare, levels, "prioritised", 0, 0.99).optimal).all()
