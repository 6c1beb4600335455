"""The task of docs/tasks.md is made, judged and reported as the page says, in an empty folder."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import gymnasium
import pytest

from falsebeacon.main import main
from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError
from minecraft_tasks.core.parallel import spread
from minecraft_tasks.tasks import data, plugins, task
from policies.runs.config import make_config

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "tasks.md").read_text()
TASK = "mytasks.golden_lawn:TASK"
KEPT = ("world_seeds", "evaluation/calibration/tables", "evaluation/ease/tables")


def blocks(language: str) -> list[str]:
    """The page's code in one language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def held() -> set[tuple[Path, float]]:
    """The data files of this repository, and when each was written."""
    found = [path for folder in KEPT for path in (REPOSITORY / folder).rglob("*")]
    return {(path, path.stat().st_mtime) for path in found if "__pycache__" not in path.parts}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A person's own folder with the package of the page."""
    made = tmp_path_factory.mktemp("folder")
    (made / "mytasks").mkdir()
    (made / "mytasks" / "__init__.py").touch()
    (made / "mytasks" / "golden_lawn.py").write_text(blocks("python")[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.delenv(data.DATA, raising=False)
        yield made
    plugins.foreign_task.cache_clear()
    for module in ("mytasks.golden_lawn", "mytasks"):
        sys.modules.pop(module, None)


def test_every_command_of_the_page_works(folder: Path) -> None:
    before = held()
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    for command in commands:
        program, *words = shlex.split(command)
        assert program == "falsebeacon"
        assert main(words) == 0, command
    assert held() == before
    assert (folder / "GoldenLawn-conflict-gold-lamp-0.png").stat().st_size > 1000
    made = {path.name for path in (folder / "mytasks" / "GoldenLawn").iterdir()}
    assert made == {"judging.json", "calibration.json", "detector.json"}
    run = folder / "runs" / "GoldenLawn" / "seed0"
    assert json.loads((run / "run.json").read_text())["config"]["task"] == TASK
    assert json.loads((run / "evaluation" / "evaluation.json").read_text())["task"] == TASK
    assert "GoldenLawn-v0" in (run / "evaluation" / "report.html").read_text()
    env = gymnasium.make("falsebeacon/Task-v0", task=TASK, layouts=4, split="train")
    frame, _ = env.reset(seed=0)
    assert frame.shape == (64, 64, 3)


def test_the_recipe_is_read_and_no_part_of_the_hash(folder: Path) -> None:
    assert make_config(task=TASK).layouts == 64
    assert make_config(task=TASK, layouts=8).layouts == 8
    assert "layouts" not in task(TASK).spec.model_dump_json()


def test_its_data_may_lie_elsewhere(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["tasks", TASK, "--show", "heldout", "--out", str(tmp_path / "x.png")]
    assert main(["--data", str(tmp_path), *words]) == 1
    assert f"{tmp_path}/GoldenLawn/judging.json" in capsys.readouterr().err
    own = task(TASK).file("judging")
    assert own == folder / "mytasks" / "GoldenLawn" / "judging.json"
    assert task("BeaconShrine").file("judging").is_relative_to(REPOSITORY / "world_seeds")


def test_processes_that_are_started_find_its_data(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    jobs = [("judging", "GoldenLawn", TASK)] * 2
    assert set(spread(data.task_file, jobs)) == {folder / "mytasks" / "GoldenLawn" / "judging.json"}
    with data.data_directory(tmp_path):
        assert set(spread(data.task_file, jobs)) == {tmp_path / "GoldenLawn" / "judging.json"}


@pytest.mark.parametrize(
    ("name", "error", "told"),
    [
        ("mytasks.nothing:TASK", UnknownNameError, "No module named 'mytasks.nothing'"),
        ("mytasks.golden_lawn:OTHER", UnknownNameError, "OTHER"),
        ("mytasks.golden_lawn:build", FalseBeaconError, "is a function"),
        ("mytasks.broken:TASK", FalseBeaconError, "ZeroDivisionError"),
        ("GoldenLown", UnknownNameError, "Did you mean 'GoldenLawn'"),
    ],
)
def test_what_is_no_task_is_named(
    folder: Path,
    name: str,
    error: type[FalseBeaconError],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (folder / "mytasks" / "broken.py").write_text("1 / 0\n")
    install(folder, monkeypatch)
    with pytest.raises(error, match=told):
        task(name)


def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offers the task, and one that is broken, as an installed package does."""
    (folder / "mytasks" / "broken.py").write_text("1 / 0\n")
    metadata = folder / "mytasks-1.0.dist-info"
    metadata.mkdir(exist_ok=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: mytasks\nVersion: 1.0\n")
    points = "\n".join(blocks("toml")[0].splitlines()[1:]).replace('"', "")
    points = f"[falsebeacon.tasks]\n{points}\nBroken = mytasks.broken:TASK\n"
    (metadata / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(str(folder))


def test_an_installed_package_offers_tasks(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(folder, monkeypatch)
    assert task("GoldenLawn") == task(TASK)
    assert main(["tasks"]) == 0
    shown = capsys.readouterr()
    assert "GoldenLawn (v0" in shown.out
    assert [line for line in shown.err.splitlines() if line.startswith("warning: Broken")]
    assert main(["tasks", "Broken"]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
