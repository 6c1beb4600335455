"""Runs and models that somebody sends: none can run code unasked, or be shown other frames."""

from __future__ import annotations

import base64
import io
import json
import pickle
import re
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import stable_baselines3
from gymnasium import Env, spaces

from evaluation.ease.training import success_curve
from falsebeacon.main import main
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task
from policies.agents.loading import load_agent
from policies.runs.checkpoints import checkpoints, newest_checkpoint
from policies.runs.config import make_config
from policies.runs.record import read_run
from policies.training.reporters import LineReporter
from policies.training.train import train
from wrappers.stack import Stack

TASK = task("BeaconShrine")
WRAPPERS = "grey,frame_stack:n=2"


def trained(directory: Path, **changes: Any) -> Path:
    config = make_config(
        **{
            "task": "BeaconShrine", "steps": 64, "num_envs": 4, "n_steps": 8, "epochs": 1,
            "minibatches": 2, "hidden": 16, "layouts": 4, "heldout_levels": 0, "checkpoints": 2,
            "first_checkpoint": 32, "threads": 1, "precision": "float32",
        } | changes
    )  # fmt: skip
    return train(config, out=directory, reporter=LineReporter(io.StringIO(), seconds=0.0))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("runs") / "sound")


@pytest.fixture
def run(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "run"))


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self.path,)


def set_trap(archive: Path, caught: Path) -> None:
    """Adds one to the objects that Stable-Baselines3 pickles into a zip."""
    with zipfile.ZipFile(archive) as file:
        members = {name: file.read(name) for name in file.namelist()}
    data = json.loads(members["data"])
    serialized = base64.b64encode(pickle.dumps(Trap(caught))).decode()
    data["lr_schedule"] = {":type:": "<class 'function'>", ":serialized:": serialized}
    members["data"] = json.dumps(data).encode()
    with zipfile.ZipFile(archive, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)


def test_no_run_is_unpickled(sound: Path, run: Path, tmp_path: Path) -> None:
    caught = tmp_path / "caught"
    for path in checkpoints(run):
        set_trap(path, caught)
    frames = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    env: Any = type("Slots", (), {"num_envs": 2})()
    for name in ("", *(f"checkpoints/{path.name}" for path in checkpoints(run))):
        answers = []
        for directory in (run, sound):
            agent = load_agent(str(directory / name), TASK)
            agent.start(env)
            answers.append(agent.act(frames, np.ones(2, bool)))
        np.testing.assert_array_equal(answers[0].log_probs, answers[1].log_probs)
        np.testing.assert_array_equal(answers[0].values, answers[1].values)
    bank = seeded_bank(TASK, "train", range(2))
    success_curve(TASK, run, bank, read_run(run).config, 2.0)
    judged = ["evaluate", "BeaconShrine", "--agent", str(run), "--levels", "1", "--splits"]
    assert main([*judged, "heldout", "--no-clips", "--modes", "greedy"]) == 0
    assert main(["train", "--resume", str(run), "--steps", "96"]) == 0
    assert not caught.exists()


def test_a_zip_is_unpickled_by_those_only_who_trust_it(run: Path, tmp_path: Path) -> None:
    caught, path = tmp_path / "caught", newest_checkpoint(run)
    load_agent(f"sb3:{path}", TASK, trust=True)
    set_trap(path, caught)
    with pytest.raises(FalseBeaconError, match=r"can run any code .* Add --trust"):
        load_agent(f"sb3:{path}", TASK)
    assert main(["evaluate", "BeaconShrine", "--agent", f"sb3:{path}"]) != 0
    assert not caught.exists()
    load_agent(f"sb3:{path}", TASK, trust=True)
    assert caught.exists(), "the trap works"


COMMANDS = [
    ["train", "--resume", "{run}", "--steps", "96"],
    ["over-training", "{run}", "--levels", "2"],
    ["report", "{run}", "--judge-again"],
    ["report", "{run}"],
    ["review", "{run}", "--out", "{run}/site"],
    ["review", "{run}", "--blind", "--rater", "A", "--items", "10", "--out", "{run}/session"],
]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = trained(tmp_path_factory.mktemp("runs") / "judged")
    words = ["evaluate", "BeaconShrine", "--agent", str(run), "--splits", "heldout", "control"]
    assert main([*words, "--levels", "2", "--no-clips", "--out", str(run / "evaluation")]) == 0
    return run


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_module_that_a_run_names_is_imported(
    words: list[str], judged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its task's nor the package around it, until somebody trusts them."""
    run = Path(shutil.copytree(judged, tmp_path / "run"))
    for path, *keys in (("run.json", "config"), ("evaluation/evaluation.json",)):
        record = json.loads((run / path).read_text())
        (record[keys[0]] if keys else record)["task"] = "sent.trap:TASK"
        (run / path).write_text(json.dumps(record))
    for module in ("sent", "sent.trap"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    caught = tmp_path / "caught"
    touch = f"from pathlib import Path\nPath({str(caught)!r}).touch()\n"
    (tmp_path / "sent").mkdir()
    (tmp_path / "sent" / "__init__.py").write_text(touch)
    (tmp_path / "sent" / "trap.py").write_text(touch)
    monkeypatch.chdir(tmp_path)
    given = [word.format(run=run) for word in words]
    main(given)
    assert not caught.exists()
    if "report" not in words:
        assert main([*given, "--trust"]) == 1
        assert caught.exists(), "the trap works"


def test_trust_that_would_do_nothing_is_refused(
    judged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "BeaconShrine", "--trust"]) == 1
    assert "add --resume" in capsys.readouterr().err
    assert main(["report", str(judged), "--trust"]) == 1
    assert "add --judge-again" in capsys.readouterr().err


def test_a_run_is_judged_without_its_zips(run: Path) -> None:
    weights = newest_checkpoint(run).with_suffix(".safetensors")
    for path in checkpoints(run):
        path.unlink()
    for name in (weights, run):
        agent: Any = load_agent(str(name), TASK)
        assert agent.origin.steps == 64
    with pytest.raises(CorruptFileError, match="no checkpoint to go on from"):
        train(resume=run, reporter=LineReporter(io.StringIO(), seconds=0.0))
    assert weights.is_file()


def test_weights_that_are_missing_or_of_another_network_are_named(
    run: Path, tmp_path: Path
) -> None:
    weights = newest_checkpoint(run).with_suffix(".safetensors")
    other = newest_checkpoint(trained(tmp_path / "wide", hidden=24)).with_suffix(".safetensors")
    shutil.copyfile(other, weights)
    with pytest.raises(CorruptFileError, match=r"another network than run.json .*action_net"):
        load_agent(str(run), TASK)
    weights.write_bytes(b"no weights")
    with pytest.raises(CorruptFileError, match=f"{re.escape(weights.name)} holds no weights"):
        load_agent(str(run), TASK)
    weights.unlink()
    with pytest.raises(CorruptFileError, match=r"no weights .* sb3:"):
        load_agent(str(run), TASK)


class Shown(Env):
    """Shows frames of any space."""

    action_space = spaces.Discrete(3)

    def __init__(self, space: spaces.Space[Any]) -> None:
        self.observation_space = space

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict]:
        return self.observation_space.sample(), {}


def model(path: Path, space: spaces.Space[Any], policy: str = "MlpPolicy", **named: str) -> str:
    made = stable_baselines3.PPO(policy, Shown(space), device="cpu", seed=0, n_steps=8)
    for name, value in named.items():
        setattr(made, name, value)
    made.save(path / "model.zip")
    return f"sb3:{path / 'model.zip'}"


BYTES = spaces.Box(0, 255, (64, 64, 3), np.uint8)
OTHER = {
    "floats": (spaces.Box(0, 1, (64, 64, 3), np.float32), "float32 and not uint8 .*from 0 to 1"),
    "floats of bytes": (spaces.Box(0, 255, (64, 64, 3), np.float32), "float32 and not uint8"),
    "floats, channels first": (spaces.Box(0, 1, (3, 64, 64), np.float32), "from 0 to 1 and not"),
    "centred": (spaces.Box(-1, 1, (64, 64, 3), np.float32), "from -1 to 1 and not"),
    "half the range": (spaces.Box(0, 127, (64, 64, 3), np.uint8), "from 0 to 127 and not"),
    "grey": (spaces.Box(0, 255, (64, 64, 1), np.uint8), r"shape is \(1, 64, 64\)"),
    "stacked": (spaces.Box(0, 255, (64, 64, 12), np.uint8), r"shape is \(12, 64, 64\)"),
    "flat": (spaces.Box(0, 255, (64 * 64 * 3,), np.uint8), r"shape is \(12288,\)"),
}


@pytest.mark.parametrize(("space", "said"), OTHER.values(), ids=OTHER)
def test_a_model_of_other_frames_is_refused_by_what_differs(
    space: spaces.Box, said: str, tmp_path: Path
) -> None:
    with pytest.raises(FalseBeaconError, match=said):
        load_agent(model(tmp_path, space), TASK, trust=True)


def test_a_model_of_several_observations_is_refused(tmp_path: Path) -> None:
    name = model(tmp_path, spaces.Dict({"rgb": BYTES}), "MultiInputPolicy")
    with pytest.raises(FalseBeaconError, match="they are a Dict and no Box"):
        load_agent(name, TASK, trust=True)


@pytest.mark.parametrize("named", [True, False])
def test_a_model_is_judged_through_the_wrappers_that_are_named(named: bool, tmp_path: Path) -> None:
    """In its zip, or beside its name."""
    space = spaces.Box(0, 255, (64, 64, 2), np.uint8)
    attributes = {"wrappers": WRAPPERS} if named else {}
    name = model(tmp_path, space, "CnnPolicy", **attributes)
    stack = Stack() if named else Stack.parse(WRAPPERS)
    agent: Any = load_agent(name, TASK, trust=True, wrappers=stack)
    agent.start(type("Slots", (), {"num_envs": 2})())
    frames = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    seen: list[np.ndarray] = []
    inner = agent.inner.act
    agent.inner.act = lambda shown, *more: seen.append(shown) or inner(shown, *more)
    agent.act(frames, np.ones(2, bool))
    assert seen[0].shape == (2, 64, 64, 2)
    if named:
        with pytest.raises(FalseBeaconError, match=r"'grey,frame_stack:n=2', not in 'blind'"):
            load_agent(name, TASK, trust=True, wrappers=Stack.parse("blind"))


def test_runs_and_scripted_agents_take_no_wrappers(run: Path) -> None:
    for name, own in ((str(run), "none"), ("oracle:beacon", "none")):
        with pytest.raises(FalseBeaconError, match=f"wrappers '{own}', not in 'grey'"):
            load_agent(name, TASK, wrappers=Stack.parse("grey"))
