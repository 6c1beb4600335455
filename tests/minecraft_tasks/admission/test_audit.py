"""The audit: locked levels that are fair pass it, and whatever is not as locked is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from falsebeacon.main import main
from minecraft_tasks.admission.audit import SplitAudit, audit_split, shared
from minecraft_tasks.admission.twins import true_twins
from minecraft_tasks.levels.generate import level
from minecraft_tasks.levels.locked import locked_seeds, read_seeds, training_bank
from minecraft_tasks.levels.seed_file import LockedLevel, LockedSplit, SeedFile, write_seeds
from minecraft_tasks.tasks import TASKS, data, task

NAME, SPLIT = "BeaconShrine", "conflict/altar-post"
GARDEN = "HiddenGoal"


def checked(locked: LockedSplit) -> SplitAudit:
    return audit_split(NAME, task(NAME).spec.split(SPLIT), locked, "judging", limit=2)


def edited(**changes: object) -> LockedSplit:
    """The locked split with the first of its levels changed."""
    locked = locked_seeds(task(NAME)).splits[SPLIT]
    first = locked.levels[0].model_copy(update=changes)
    return locked.model_copy(update={"levels": (first, *locked.levels[1:])})


def test_what_is_locked_passes() -> None:
    found = checked(locked_seeds(task(NAME)).splits[SPLIT])
    assert found.failures == ()
    assert found.levels == 2
    assert found.twins == 1
    assert 1.0 <= found.ratio[0] <= found.ratio[1] <= found.ratio[2] <= 1.5
    assert found.all_seen + found.none_seen == 1.0
    assert len(set(found.layouts)) == 1


def test_a_level_edited_by_hand_is_caught_whatever_was_edited() -> None:
    before = locked_seeds(task(NAME)).splits[SPLIT].levels[0]
    changes: dict[str, object] = {
        "content": "f" * 16,
        "layout": "f" * 16,
        "optimal": {**before.optimal, "post": before.optimal["post"] + 1},
        "pixels": {**before.pixels, "post": before.pixels["post"] + 1},
        "seen": ("altar",),
        "around": ("altar",),
        "bearings": {**before.bearings, "post": 0.5},
        "sun": 12.0,
        "films": ("f" * 24, "f" * 24),
        "ratio": 1.6,
        "pseudo": {},
        "no_pseudo": "nothing",
    }
    found = checked(edited(**changes))
    assert {*changes, "seed"} == set(LockedLevel.model_fields)
    named = [failure for failure in found.failures if f"seed {before.seed}: " in failure]
    assert len(named) == len(changes)
    # A sun in one level is one direction in all levels with a low sun.
    assert [failure for failure in found.failures if "rule 'sun'" in failure]
    for field in changes:
        assert any(f"seed {before.seed}: {field} is" in failure for failure in found.failures)


def test_a_level_that_was_never_admitted_is_caught() -> None:
    locked = locked_seeds(task(NAME)).splits[SPLIT]
    admitted = {entry.seed for entry in locked.levels}
    refused = next(seed for seed in range(0, locked.offered, 2) if seed not in admitted)
    swapped = [
        entry.model_copy(update={"seed": refused + entry.seed % 2}) for entry in locked.levels[:2]
    ]
    found = checked(locked.model_copy(update={"levels": (*swapped, *locked.levels[2:])}))
    assert any("breaks the rule" in failure for failure in found.failures)


def test_a_missing_twin_and_a_wrong_count_are_caught() -> None:
    locked = locked_seeds(task(NAME)).splits[SPLIT]
    found = checked(locked.model_copy(update={"levels": locked.levels[1:]}))
    assert any("twin is missing" in failure for failure in found.failures)
    assert any("do not add up" in failure for failure in found.failures)


def test_twins_swap_two_candidates_on_one_plan() -> None:
    for found in TASKS.values():
        for split in found.spec.splits:
            if split.twins:
                levels = locked_seeds(found).splits[split.name].levels[:4]
                worlds = [level(found, split.name, entry.seed) for entry in levels]
                assert true_twins(*worlds[:2])
                assert true_twins(*worlds[2:])
                assert not true_twins(worlds[0], worlds[0])
                assert not true_twins(worlds[0], worlds[3])


def test_a_layout_in_two_places_is_a_leak() -> None:
    fine = [("heldout", ("a", "b")), ("conflict", ("c", "c")), ("training", ("d",))]
    assert shared("layout", fine) == []
    wrong = [("heldout", ("a", "b")), ("conflict", ("b", "b")), ("training", ("a", "d"))]
    leaks = shared("layout", wrong)
    assert leaks == ["conflict has the layout b of heldout", "training has the layout a of heldout"]


@pytest.fixture
def gardens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Seed files of the task that is audited fastest, for a test to spoil."""
    for purpose in ("judging", "calibration"):
        path = task(GARDEN).file(purpose)
        copied = tmp_path / path.relative_to(data.ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)
    monkeypatch.setattr(data, "ROOT", tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return tmp_path


def rewrite(change: Callable[[LockedLevel], LockedLevel], split: str) -> None:
    """Change the levels of a judged split, digest and all."""
    found = read_seeds(task(GARDEN))
    locked = found.splits[split]
    levels = tuple(change(entry) for entry in locked.levels)
    splits = {**found.splits, split: locked.model_copy(update={"levels": levels})}
    write_seeds(found.model_copy(update={"splits": splits}), task(GARDEN).file("judging"))


def audited(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["tasks", GARDEN, "--audit", "--levels", "2", *words])
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def test_the_command_prints_every_split_and_no_leak(
    gardens: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text, errors = audited(capsys)
    assert (status, errors) == (0, "")
    for split in locked_seeds(task(GARDEN)).splits:
        assert f"  {split} " in text
    assert "[calibration]" in text
    assert "leaks: 0" in text


def test_the_command_stores_what_it_prints(
    gardens: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "audit.txt"
    status, text, _ = audited(capsys, "--out", str(file))
    stored = file.read_text()
    assert status == 0
    assert stored.startswith(f"{GARDEN} (v")
    assert text.endswith(stored)
    assert main(["tasks", "--audit", "--out", str(file)]) == 1
    assert "tasks BeaconShrine --audit --out" in capsys.readouterr().err
    assert file.read_text() == stored


def test_the_command_fails_where_a_level_was_edited(
    gardens: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rewrite(lambda entry: entry.model_copy(update={"ratio": 1.25}), "conflict/goal-side")
    status, text, errors = audited(capsys, "--out", str(tmp_path / "audit.txt"))
    assert status == 1
    assert not (tmp_path / "audit.txt").exists()
    assert "wrong: conflict/goal-side seed" in text
    assert "audit of HiddenGoal failed in 2 places" in errors


def test_the_command_fails_where_training_repeats_a_locked_level(
    gardens: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = task(GARDEN)
    leaked = locked_seeds(found).splits["heldout"].levels[0]
    # The file no longer names the layout of the level, so training does not know to leave it out.
    rewrite(lambda entry: entry.model_copy(update={"layout": f"{entry.seed:016x}"}), "heldout")
    bank = training_bank(found, 4)
    layouts = (leaked.layout, *bank.layouts)
    monkeypatch.setattr(
        "minecraft_tasks.admission.audit.recipe_levels",
        lambda of: replace(bank, layouts=layouts),
    )
    status, text, errors = audited(capsys)
    assert status == 1
    assert f"training has the layout {leaked.layout} of heldout (judging)" in text
    assert "layout is" in errors


def test_thresholds_and_splits_have_to_be_those_of_the_task(
    gardens: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found: SeedFile = read_seeds(task(GARDEN))
    splits = {name: split for name, split in found.splits.items() if name != "skill"}
    wrong = {"splits": splits, "thresholds": {**found.thresholds, "nearest": 2.0}}
    write_seeds(found.model_copy(update=wrong), task(GARDEN).file("judging"))
    status, text, _ = audited(capsys)
    assert status == 1
    assert "wrong: thresholds are" in text
    assert "not those of the task: skill" in text
