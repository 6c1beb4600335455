"""Which runs of a set belong together."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evaluation.measures.preference_file import PREFERENCE_FILE as PREFERENCE
from evaluation.records.info import Trained, read_info
from evaluation.report.set_page import read_set
from evaluation.verdicts.judged_runs import BASELINE, read_judged
from evaluation.verdicts.set_record import SetVerdict
from falsebeacon.main import main
from minecraft_tasks.core.errors import CorruptFileError
from tests.support.judged_runs import WRONG, judged


def test_runs_are_grouped_by_how_they_were_trained(written: tuple[Path, SetVerdict]) -> None:
    found = written[1]
    assert [(each.name, each.kind) for each in found.groups] == [
        ("baseline", "trained"), ("decorrelated", "trained"), ("oracle:beacon", "other"),
    ]  # fmt: skip
    assert [seed.seed for seed in found.groups[0].seeds] == [0, 1, 2]
    assert found.groups[1].condition == {"decorrelated": "True"}


def test_any_option_that_changes_training_makes_a_group_of_its_own(tmp_path: Path) -> None:
    executed = {"threads": 1, "precision": "float32", "heldout_levels": 0, "track": True}
    alike = read_judged(judged(tmp_path / "alike", WRONG, **executed))
    assert alike.group == BASELINE
    for name, value in {
        "sampling": "regret",
        "gamma": 0.9,
        "steps": 1000,
        "withheld": "lamp",
    }.items():
        run = read_judged(judged(tmp_path / name, WRONG, **{name: value}))
        assert run.group == f"{name} {value}"


def test_agents_of_no_run_are_grouped_by_name(
    directories: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = [judged(tmp_path / f"sb3-{k}", WRONG, seed=k, agent=f"sb3:{k}") for k in range(3)]
    listed = ",".join(map(str, made))
    out = tmp_path / "set"
    assert main(["report", *map(str, made), "--group", f"mine={listed}", "--out", str(out)]) == 0
    assert "mine: 3 of 3 seeds misgeneralise" in capsys.readouterr().out
    (found,) = read_set(out).groups
    assert (found.name, found.kind, found.pilot) == ("mine", "named", True)
    assert [seed.agent for seed in found.seeds] == ["sb3:0", "sb3:1", "sb3:2"]
    for text, said in (
        (f"mine={directories[2]}", "which is not in the set"),
        (f"mine={made[0]},{made[0]}", "more than once"),
        ("mine", "is not NAME=DIRECTORY"),
    ):
        assert main(["report", *map(str, made), "--group", text, "--out", str(out)]) == 1
        assert said in capsys.readouterr().err
    assert main(["report", *map(str, directories), "--group", f"x={directories[2]}"]) == 1
    assert "a training run: its options" in capsys.readouterr().err


def test_an_evaluation_without_its_preferences_is_named(
    directories: list[Path], tmp_path: Path
) -> None:
    one = Path(shutil.copytree(directories[0], tmp_path / "one"))
    (one / PREFERENCE).unlink()
    with pytest.raises(CorruptFileError, match=rf"one/{PREFERENCE} is missing"):
        read_judged(one)


def test_a_run_with_options_of_another_version_is_named(
    directories: list[Path], tmp_path: Path
) -> None:
    one = Path(shutil.copytree(directories[0], tmp_path / "one"))
    info = read_info(one)
    trained = Trained(task_hash=info.task_hash, look=1, config={"task": info.task, "speed": 9})
    info.model_copy(update={"trained": trained}).write(one / "evaluation.json")
    with pytest.raises(CorruptFileError, match=r"one/evaluation\.json .*speed"):
        read_judged(one)
