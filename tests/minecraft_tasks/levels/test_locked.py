from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from minecraft_tasks.admission.audit import PURPOSES
from minecraft_tasks.admission.lock import CALIBRATION_SEEDS, lock_split, wanted_splits
from minecraft_tasks.admission.rules import THRESHOLDS, broken_rule, candidates_seen
from minecraft_tasks.admission.taken import Taken
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError, StaleError
from minecraft_tasks.levels.generate import level
from minecraft_tasks.levels.locked import (
    default_training_bank,
    fresh_bank,
    locked_bank,
    locked_layouts,
    read_seeds,
    split_bank,
    training_bank,
)
from minecraft_tasks.levels.seed_file import write_seeds
from minecraft_tasks.navigation.pursuit import costs
from minecraft_tasks.spec import Split
from minecraft_tasks.tasks import TASKS, beacon_shrine, data, task
from minecraft_tasks.worlds.layout import layout_hash
from tests.support.plans import world

SPLIT = Split(
    name="conflict/altar-post",
    kind="conflict",
    sites=(("altar",), ("post",)),
    size=(9, 9),
    time_limit=64,
)


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A seed file of the flagship that a test may spoil."""
    kept = task("BeaconShrine").file("judging").read_bytes()
    monkeypatch.setattr(data, "ROOT", tmp_path)
    path = task("BeaconShrine").file("judging")
    path.parent.mkdir(parents=True)
    path.write_bytes(kept)
    return path


@pytest.mark.parametrize("name", list(TASKS))
def test_every_split_is_locked_and_none_shares_a_layout(name: str) -> None:
    locked = read_seeds(TASKS[name])
    wanted = {split.name: split.levels for split in TASKS[name].spec.splits if split.levels}
    assert {split: len(found.levels) for split, found in locked.splits.items()} == wanted
    owner: dict[str, str] = {}
    for split, found in locked.splits.items():
        for entry in found.levels:
            assert owner.setdefault(entry.layout, split) == split
    for split in TASKS[name].spec.splits:
        count = (
            len({entry.layout for entry in locked.splits[split.name].levels}) if split.levels else 0
        )
        assert count == split.levels // (2 if split.twins else 1)


@pytest.mark.parametrize("name", list(TASKS))
def test_locked_levels_obey_the_rules(name: str) -> None:
    found = TASKS[name]
    backend = VoxelBackend(1, found.spec.world_shape)
    for split in found.spec.splits:
        if not split.levels:
            continue
        entry = read_seeds(found).splits[split.name].levels[-1]
        made = level(found, split.name, entry.seed)
        assert layout_hash(made.layout) == entry.layout
        ways = costs(made, split.time_limit, found.spec.ticks, found.spec.headings)
        assert broken_rule(split, made, ways) is None
        view = candidates_seen(found.spec, backend, made)
        assert not (split.kind == "skill" and view)
        assert not (split.kind == "conflict" and len(view) == 1)


def test_locking_again_finds_the_same_levels() -> None:
    found = task("BeaconShrine")
    split = found.spec.split("only/lamp").model_copy(update={"levels": 3})
    locked = read_seeds(found).splits["only/lamp"].levels[:3]
    assert lock_split(found, split, Taken()).levels == locked


def test_a_level_that_breaks_a_rule_is_refused() -> None:
    fair = world(
        """
        ...........
        ...........
        .....@.....
        ...........
        ...........
        ...........
        ...........
        ___........
        _G_......R.
        ...........
        """
    )
    lopsided = world(
        """
        ...........
        ....@......
        ...........
        ...........
        ...........
        ...........
        .......R...
        ...........
        ...........
        ...........
        ___........
        _G_........
        ...........
        """
    )
    in_the_way = world(
        """
        #...@...#
        #.......#
        #.......#
        #.......#
        #.......#
        #.......#
        ####R...#
        #.......#
        #..___..#
        #.._G_..#
        #.......#
        """
    )
    walled_in = world(
        """
        ...........
        .....@.....
        ...........
        ...........
        ...........
        ######.....
        .....#.....
        ___..#.....
        _G_..#...R.
        .....#.....
        """
    )
    rules = [
        broken_rule(SPLIT, made, costs(made, SPLIT.time_limit))
        for made in (fair, lopsided, in_the_way, walled_in)
    ]
    assert rules == [None, "ratio", "path", "reach"]


def test_training_levels_share_no_layout_with_locked_ones() -> None:
    for found in TASKS.values():
        bank = training_bank(found, 64)
        assert len(bank) == 64
        assert locked_layouts(found).isdisjoint(bank.layouts)
        others = fresh_bank(found, "train", 4, besides=frozenset(bank.layouts[:2]))
        assert set(bank.layouts[:2]).isdisjoint(others.layouts)


@pytest.mark.parametrize("name", list(TASKS))
def test_calibration_levels_are_like_the_locked_ones_and_others(name: str) -> None:
    found = TASKS[name]
    judged, others = read_seeds(found), read_seeds(found, purpose="calibration")
    assert others.thresholds == THRESHOLDS
    kinds = {found.spec.split(split).kind for split in others.splits}
    assert kinds == {"heldout", "control", "conflict", "factorial"}
    assert list(others.splits) == [
        split.name for split in wanted_splits(found, "calibration") if split.levels == 16
    ]
    for split in others.splits.values():
        assert len(split.levels) == 16
        assert min(entry.seed for entry in split.levels) >= CALIBRATION_SEEDS
    assert judged.layouts().isdisjoint(others.layouts())


@pytest.mark.parametrize("name", list(TASKS))
def test_locking_leaves_the_training_levels_as_they_are(name: str) -> None:
    found = TASKS[name]
    before = default_training_bank(found)
    assert locked_layouts(found).isdisjoint(before.layouts)
    assert (training_bank(found).seeds == before.seeds).all()


@pytest.mark.parametrize("name", list(TASKS))
def test_no_film_is_in_two_splits_or_both_files(name: str) -> None:
    owner: dict[str, str] = {}
    for purpose in PURPOSES:
        for split, found in read_seeds(TASKS[name], purpose=purpose).splits.items():
            for entry in found.levels:
                assert len(entry.films) == len(TASKS[name].spec.split(split).sites)
                for film in entry.films:
                    assert owner.setdefault(film, f"{split} {purpose}") == f"{split} {purpose}"


def test_calibration_levels_are_admitted_by_the_same_rules() -> None:
    found = task("BeaconShrine")
    split = found.spec.split("conflict/altar-lamp").model_copy(update={"levels": 2})
    locked = read_seeds(found, purpose="calibration").splits[split.name].levels[:2]
    assert lock_split(found, split, Taken(), CALIBRATION_SEEDS).levels == locked
    bank = locked_bank(found, [split.name], 2, "calibration")
    assert bank.seeds.tolist() == [entry.seed for entry in locked]
    with pytest.raises(FalseBeaconError, match="locked for calibration"):
        locked_bank(found, ["skill"], purpose="calibration")


def test_small_mazes_would_leak_without_the_hash() -> None:
    found = task("GreenArrowMaze")
    locked = read_seeds(found).layouts()
    layouts = [layout_hash(level(found, "train", seed).layout) for seed in range(3000)]
    assert locked.intersection(layouts)


def test_a_locked_bank_knows_the_fewest_decisions(copied: Path) -> None:
    bank = locked_bank(task("BeaconShrine"), ["only/sun", "heldout"], limit=2)
    assert bank.splits == ("only/sun", "only/sun", "heldout", "heldout")
    assert (bank.optimal[2:] >= 4).all()
    assert (split_bank(task("BeaconShrine"), "heldout").seeds[:2] == bank.seeds[2:]).all()


def test_an_edit_by_hand_is_noticed(copied: Path) -> None:
    content = json.loads(copied.read_text())
    content["splits"]["heldout"]["levels"][0]["seed"] += 1
    copied.write_text(json.dumps(content))
    with pytest.raises(StaleError, match=r"edited by hand.*falsebeacon lock BeaconShrine"):
        read_seeds(task("BeaconShrine"))


def test_a_file_for_another_version_of_the_task_is_refused(copied: Path) -> None:
    found = read_seeds(task("BeaconShrine"))
    write_seeds(found.model_copy(update={"task_hash": "0" * 16}), copied)
    with pytest.raises(StaleError, match="0000000000000000"):
        read_seeds(task("BeaconShrine"))


def test_a_changed_generator_is_noticed(copied: Path) -> None:
    found = read_seeds(task("BeaconShrine"))
    heldout = found.splits["heldout"]
    changed = heldout.levels[0].model_copy(update={"content": "f" * 16})
    heldout = heldout.model_copy(update={"levels": (changed, *heldout.levels[1:])})
    write_seeds(found.model_copy(update={"splits": {**found.splits, "heldout": heldout}}), copied)
    with pytest.raises(StaleError, match="generator changed"):
        locked_bank(task("BeaconShrine"), ["heldout"])


def test_a_file_of_another_schema_version_or_purpose_is_refused(copied: Path) -> None:
    content = json.loads(copied.read_text())
    task("BeaconShrine").file("calibration").write_text(json.dumps(content))
    del content["areas"]
    copied.write_text(json.dumps({**content, "falsebeacon_seeds": 1}))
    with pytest.raises(StaleError, match=r"schema version 1.*falsebeacon lock BeaconShrine"):
        read_seeds(task("BeaconShrine"))
    with pytest.raises(StaleError, match=r"\(judging\), not of.*--calibration"):
        read_seeds(task("BeaconShrine"), purpose="calibration")


def test_training_needs_to_know_the_calibration_levels(copied: Path) -> None:
    with pytest.raises(CorruptFileError, match="falsebeacon lock BeaconShrine --calibration"):
        training_bank(task("BeaconShrine"), 2)


def test_missing_and_broken_files_are_refused(copied: Path) -> None:
    for broken in (b"{", b"[]", b"\xff\x00"):
        copied.write_bytes(broken)
        with pytest.raises(CorruptFileError, match=r"JSON.*falsebeacon lock"):
            read_seeds(task("BeaconShrine"))
    copied.unlink()
    with pytest.raises(CorruptFileError, match="falsebeacon lock"):
        read_seeds(task("BeaconShrine"))


def test_a_moved_site_is_noticed(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beacon_shrine, "STRIP_ALONE", 0.9)
    with pytest.raises(StaleError, match="generator changed"):
        locked_bank(task("BeaconShrine"), ["only/sun"], limit=1)


def test_twins_stay_together(copied: Path) -> None:
    bank = locked_bank(task("BeaconShrine"), ["conflict/altar-sun", "heldout"], limit=3)
    assert bank.splits.count("conflict/altar-sun") == 2
    assert bank.splits.count("heldout") == 3
    assert bank.layouts[0] == bank.layouts[1]
    with pytest.raises(FalseBeaconError, match="at least one level"):
        locked_bank(task("BeaconShrine"), ["heldout"], limit=0)


@pytest.mark.parametrize("name", list(TASKS))
def test_no_candidate_wins_a_conflict_by_being_nearer(name: str) -> None:
    locked = read_seeds(TASKS[name])
    assert locked.thresholds == THRESHOLDS
    for split in TASKS[name].spec.splits:
        if split.kind == "conflict":
            a, b = split.present
            assert all(len(entry.seen) != 1 for entry in locked.splits[split.name].levels)
            entries = locked.splits[split.name].levels
            ratios = [math.log(entry.optimal[a] / entry.optimal[b]) for entry in entries]
            assert abs(sum(ratios) / len(ratios)) < math.log(1.1)


def test_the_training_split_has_no_locked_levels() -> None:
    with pytest.raises(FalseBeaconError, match="train"):
        locked_bank(task("BeaconShrine"), ["train"])


def test_writing_leaves_the_file_whole(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = copied.read_bytes()
    found = read_seeds(task("BeaconShrine"))

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(FalseBeaconError, match="No space left"):
        write_seeds(found, copied)
    assert [path.name for path in copied.parent.iterdir()] == [copied.name]
    assert copied.read_bytes() == before
