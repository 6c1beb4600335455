"""What is kept of training episodes in which the candidates came apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation.over_training.conflict_counts import conflict_counts, shares_over_training
from minecraft_tasks.core.errors import CorruptFileError, StaleError
from minecraft_tasks.infos import played as left_by
from minecraft_tasks.levels.bank import LevelBank, join_banks
from minecraft_tasks.levels.draws import IDLE
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.oracles import OracleAgent
from policies.runs import conflicts
from policies.runs.conflicts import CONFLICTS_FILE, ConflictLog, Conflicts, read_conflicts

TASK = task("BeaconShrine")
NAMES = TASK.spec.candidate_names
ALTAR, BEACON = NAMES.index("altar"), NAMES.index("beacon")


@pytest.fixture(scope="module")
def bank() -> LevelBank:
    splits = ("train", "conflict/altar-beacon", "conflict/post-lamp")
    joined = join_banks([seeded_bank(TASK, split, range(2)) for split in splits])
    return replace(joined, time_limits=np.full(len(joined), 90))


def played(path: Path, bank: LevelBank) -> tuple[ConflictLog, np.ndarray]:
    """An agent that goes to the beacon first, through every level; and its first touches."""
    env = MinecraftTaskVectorEnv(TASK, bank, 3, order="sequential")
    agent, log = OracleAgent(TASK, "beacon"), ConflictLog(path, TASK.spec, bank, ALTAR)
    touch = np.full((len(bank), len(NAMES)), -2)
    observations, _ = env.reset(seed=0)
    agent.start(env)
    starts, steps = np.ones(3, bool), 0
    while not env.exhausted:
        level = env.level.copy()
        actions = agent.act(observations, starts).actions
        assert actions is not None
        observations, _, terminated, truncated, info = env.step(actions)
        starts, steps = terminated | truncated, steps + 3
        ended = starts & (level != IDLE)
        info = left_by(info)
        touch[level[ended]] = info["first_touch"][ended]
        log.note(steps, info, ended)
    log.commit(steps)
    return log, touch


def test_an_episode_is_a_conflict_where_another_was_touched_without_the_goal(
    bank: LevelBank, tmp_path: Path
) -> None:
    log, touch = played(tmp_path / CONFLICTS_FILE, bank)
    log.write()
    found = read_conflicts(tmp_path / CONFLICTS_FILE, TASK.spec.task_hash)
    others = np.delete(touch, ALTAR, axis=1)
    apart = ((others >= 0) & (others != touch[:, [ALTAR]])).any(axis=1)
    assert apart[2:4].all(), "the beacon was touched before the altar on levels that set them apart"
    rows = found.rows
    key = list(zip(rows["split"], rows["level_seed"], strict=True))
    wanted = [(bank.splits[row], int(bank.seeds[row])) for row in np.flatnonzero(apart)]
    assert sorted(key) == sorted(wanted)
    for row, (split, seed) in enumerate(key):
        level = next(
            k for k in range(len(bank)) if (bank.splits[k], int(bank.seeds[k])) == (split, seed)
        )
        assert [rows[f"touch_{name}"][row] for name in NAMES] == touch[level].tolist()
        earliest = touch[level][touch[level] >= 0].min()
        first = [name for name, at in zip(NAMES, touch[level], strict=True) if at == earliest]
        assert rows["first"][row] == "+".join(first)
        assert rows["reached"][row] == (touch[level, ALTAR] >= 0)
    assert found.tally[0, 1:3].tolist() == [len(bank), apart.sum()]
    assert (found.rewarded, found.since) == ("altar", 0)


def test_the_file_is_bounded_and_the_tally_is_not(
    bank: LevelBank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _ = played(tmp_path / "whole.parquet", bank)
    whole.write()
    monkeypatch.setattr(conflicts, "ROWS_PER_UPDATE", 1)
    short, _ = played(tmp_path / "short.parquet", bank)
    short.write()
    all_rows, few = (read_conflicts(tmp_path / f"{name}.parquet") for name in ("whole", "short"))
    assert len(all_rows.rows["steps"]) > len(few.rows["steps"]) == 1
    assert (all_rows.tally == few.tally).all()


def test_what_was_not_learnt_from_is_not_written(bank: LevelBank, tmp_path: Path) -> None:
    log, _ = played(tmp_path / CONFLICTS_FILE, bank)
    first_touch = np.full((1, len(NAMES)), -1)
    first_touch[0, BEACON] = 7
    info = {"first_touch": first_touch, "level": np.array([0]), "elapsed": np.array([90])}
    before = len(log._committed)
    log.note(10_000, info, np.array([True]))
    log.write()
    found = read_conflicts(tmp_path / CONFLICTS_FILE)
    assert found.rows["steps"].max() < 10_000
    log.commit(10_240)
    log.write()
    assert len(log._committed) == before + 1
    later = read_conflicts(tmp_path / CONFLICTS_FILE)
    assert later.rows["steps"][-1] == 10_000
    # Gone on with from in between, the later one is dropped; at its end, nothing is.
    for done, kept in ((9000, found), (10_240, later)):
        again = ConflictLog(tmp_path / CONFLICTS_FILE, TASK.spec, bank, ALTAR, done)
        again.path = tmp_path / "again.parquet"
        again.write()
        read = read_conflicts(again.path)
        assert (read.tally == kept.tally).all()
        assert read.rows["steps"].tolist() == kept.rows["steps"].tolist()


def test_a_log_that_begins_late_says_so(bank: LevelBank, tmp_path: Path) -> None:
    log = ConflictLog(tmp_path / CONFLICTS_FILE, TASK.spec, bank, ALTAR, done=5000)
    log.write()
    found = read_conflicts(tmp_path / CONFLICTS_FILE)
    assert found.since == 5000
    counts = conflict_counts(found)
    assert (counts.episodes, counts.conflicts, counts.rows) == (0, 0, ())


def test_damaged_and_foreign_files_are_named(bank: LevelBank, tmp_path: Path) -> None:
    path = tmp_path / CONFLICTS_FILE
    played(path, bank)[0].write()
    with pytest.raises(StaleError, match="task hash"):
        read_conflicts(path, "f" * 16)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(CorruptFileError, match="move it away"):
        ConflictLog(path, TASK.spec, bank, ALTAR, done=1)


def test_counts_and_shares() -> None:
    tally = np.zeros((20, 3 + len(NAMES)), np.int64)
    tally[:, 0] = np.arange(1, 21) * 100
    tally[:, 1] = 10
    tally[:10, 2], tally[:10, 3 + BEACON] = 5, 5
    tally[19, 2], tally[19, 3 + ALTAR] = 1, 1
    rows = {f"touch_{name}": np.full(4, -1, np.int32) for name in NAMES}
    # On the way; long before; instead of the altar; and at a candidate after another.
    rows["touch_beacon"][:] = [10, 10, 10, 12]
    rows["touch_lamp"][:] = [-1, -1, -1, 9]
    rows["touch_altar"][:] = [12, 40, -1, 17]
    found = Conflicts(NAMES, "altar", 0, rows, tally)
    counts = conflict_counts(found)
    assert (counts.kept, counts.passing) == (4, 2)
    assert (counts.episodes, counts.conflicts) == (200, 51)
    assert counts.late_share == pytest.approx(0.05), "the last two updates of twenty"
    assert counts.rows[0].candidate == "beacon"
    assert counts.rows[0].share == pytest.approx(0.25)
    assert counts.rows[0].late_share == 0
    steps, shares = shares_over_training(found, points=4)
    assert steps.tolist() == [500, 1000, 1500, 2000]
    np.testing.assert_allclose(shares[:, BEACON], [0.5, 0.5, 0, 0])
