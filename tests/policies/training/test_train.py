"""Training leaves a usable run behind, whatever happens to it. Short real runs."""

from __future__ import annotations

import io
import json
import resource
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from minecraft_tasks.core.errors import FalseBeaconError, StaleError, UnknownNameError
from minecraft_tasks.tasks import task
from policies.ppo.recurrent_ppo import RecurrentPPO, StockRecurrentPPO
from policies.runs.checkpoints import checkpoints
from policies.runs.config import TrainingConfig, make_config
from policies.runs.progress import read_rows
from policies.runs.record import read_run
from policies.training.checkpoint import save_checkpoint
from policies.training.reporters import LineReporter
from policies.training.setup import make_env, make_model
from policies.training.train import train
from tests.support.long_runs import start_long_run
from tests.support.small import ROLLOUT, SMALL
from tests.support.waiting import DEADLINE

TASK = task("BeaconShrine")


def small(**changes: Any) -> TrainingConfig:
    return make_config(**(SMALL | {"steps": 5 * ROLLOUT} | changes))


def quiet() -> LineReporter:
    return LineReporter(io.StringIO(), seconds=0.0)


def test_a_run_leaves_its_record_progress_and_checkpoints(tmp_path: Path) -> None:
    reporter = quiet()
    directory = train(small(), out=tmp_path / "run", reporter=reporter)
    record = read_run(directory, TASK.spec)
    assert record.config.steps == 5 * ROLLOUT
    assert record.config.precision == "float32"
    rows = read_rows(directory / "progress.csv")
    assert [row.steps for row in rows] == [ROLLOUT * (index + 1) for index in range(5)]
    assert all(0 < row.entropy <= np.log(3) + 1e-5 for row in rows)
    assert 0 <= rows[-1].heldout_success <= 1
    steps = [int(path.stem) for path in checkpoints(directory)]
    assert steps[0] == ROLLOUT
    assert steps[-1] == 5 * ROLLOUT
    assert len(steps) == 3
    assert not list(directory.rglob("*.tmp"))
    text = reporter.stream.getvalue()  # pyright: ignore
    assert len(text.splitlines()) == 2 + len(rows)
    assert text.startswith(f"BeaconShrine: {SMALL['layouts']} training layouts")
    assert "steps: 320 of 320" in text
    assert "/s" in text


def test_checkpoints_load_in_stock_and_as_plain_weights(tmp_path: Path) -> None:
    directory = train(small(), out=tmp_path / "run", reporter=quiet())
    path = checkpoints(directory)[-1]
    model = StockRecurrentPPO.load(path, device="cpu")
    weights = load_file(path.with_suffix(".safetensors"))
    state = model.policy.state_dict()
    assert all((state[name] == weight).all() for name, weight in weights.items())
    parameters = sum(part.numel() for part in model.policy.parameters())
    assert sum(weight.numel() for weight in weights.values()) == parameters


def test_the_same_seed_trains_the_same_weights(tmp_path: Path) -> None:
    def weights(name: str, **changes: Any) -> dict[str, torch.Tensor]:
        directory = train(small(**changes), out=tmp_path / name, reporter=quiet())
        return load_file(checkpoints(directory)[-1].with_suffix(".safetensors"))

    first, again = weights("first"), weights("again", heldout_levels=0)
    assert all((first[name] == again[name]).all() for name in first)
    other = weights("other", seed=1)
    assert any((first[name] != other[name]).any() for name in first)


def test_resume_goes_on_with_counters_optimiser_and_progress(tmp_path: Path) -> None:
    directory = train(small(), out=tmp_path / "run", reporter=quiet())
    before = read_rows(directory / "progress.csv")[-1]
    assert before.cpu_seconds > 0
    last = checkpoints(directory)[-1]
    kept = StockRecurrentPPO.load(last, device="cpu").policy.optimizer.state_dict()["state"][0]
    assert kept["step"] == 10
    train(small(steps=8 * ROLLOUT), resume=directory, reporter=quiet())
    rows = read_rows(directory / "progress.csv")
    assert [row.steps for row in rows] == [ROLLOUT * (index + 1) for index in range(8)]
    assert rows[5].seconds > before.seconds
    assert rows[5].cpu_seconds > before.cpu_seconds
    model = StockRecurrentPPO.load(checkpoints(directory)[-1], device="cpu")
    assert model.num_timesteps == 8 * ROLLOUT
    assert model.policy.optimizer.state_dict()["state"][0]["step"] == 16
    config = small()
    reached = model.policy.optimizer.param_groups[0]["lr"]
    assert reached == pytest.approx(config.final_learning_rate)


def test_a_resumed_run_keeps_its_configuration(tmp_path: Path) -> None:
    directory = train(small(), out=tmp_path / "run", reporter=quiet())
    with pytest.raises(FalseBeaconError, match="gamma"):
        train(small(gamma=0.5), resume=directory, reporter=quiet())
    record = (directory / "run.json").read_bytes()
    with pytest.raises(FalseBeaconError, match="larger number with --steps"):
        train(small(steps=ROLLOUT), resume=directory, reporter=quiet())
    assert (directory / "run.json").read_bytes() == record
    document = json.loads((directory / "run.json").read_text())
    (directory / "run.json").write_text(json.dumps(document | {"task_hash": "f" * 16}))
    with pytest.raises(StaleError, match="f" * 16):
        train(resume=directory, reporter=quiet())


def test_bad_names_and_directories(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="BeaconShrine"):
        train(small(task="BeaconShrin"), out=tmp_path / "run", reporter=quiet())
    with pytest.raises(FalseBeaconError, match="no run at"):
        train(resume=tmp_path / "nothing", reporter=quiet())
    directory = train(small(steps=ROLLOUT), out=tmp_path / "run", reporter=quiet())
    with pytest.raises(FalseBeaconError, match="already holds a run"):
        train(small(), out=directory, reporter=quiet())


def test_a_full_disk_keeps_the_last_checkpoint(tmp_path: Path) -> None:
    """The system refuses to let a file grow, as it does when the disk is full."""
    model: RecurrentPPO = make_model(small(), make_env(TASK, small()))
    path = save_checkpoint(model, tmp_path)
    size = path.stat().st_size
    model.num_timesteps = 64
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (size // 4, size // 2, size - 1):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            with pytest.raises(FalseBeaconError, match="cannot write"):
                save_checkpoint(model, tmp_path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert checkpoints(tmp_path) == [path]
        assert not list(tmp_path.rglob("*.tmp"))
    assert StockRecurrentPPO.load(path, device="cpu").num_timesteps == 0


@pytest.mark.parametrize(
    ("numbers", "status"),
    [
        ([signal.SIGINT], 130),
        ([signal.SIGTERM], 143),
        ([signal.SIGINT, signal.SIGTERM, signal.SIGINT], 130),
    ],
)
def test_signals_leave_a_checkpoint_and_say_how_to_resume(
    numbers: list[int], status: int, tmp_path: Path
) -> None:
    directory = tmp_path / "run"
    process = start_long_run(directory)
    for number in numbers:
        process.send_signal(number)
    _, errors = process.communicate(timeout=DEADLINE)
    told = [line for line in errors.splitlines() if line.startswith("falsebeacon: ")]
    assert len(told) == 1
    assert f"--resume {directory}" in told[0]
    assert "Traceback" not in errors
    # Where a second signal came first, it decides the status.
    assert process.returncode == status or (len(numbers) > 1 and process.returncode in (130, 143))
    weights = (directory / "checkpoints").glob("*.safetensors")
    assert {path.stem for path in weights} == {path.stem for path in checkpoints(directory)}
    assert not list(directory.rglob("*.tmp"))
    if len(numbers) > 1:
        return
    last = checkpoints(directory)[-1]
    steps = StockRecurrentPPO.load(last, device="cpu").num_timesteps
    rows = read_rows(directory / "progress.csv")
    assert steps == int(last.stem) == rows[-1].steps


def test_success_is_shown_once_it_tells_something(tmp_path: Path) -> None:
    """Until the first episodes of all environments are over, only short ones have ended."""
    reporter = quiet()
    limit = TASK.spec.split("train").time_limit
    config = small(steps=SMALL["num_envs"] * limit)
    directory = train(config, out=tmp_path / "run", reporter=reporter)
    # After what is planned and where the run lies, whose path has this test's name.
    *before, last = reporter.stream.getvalue().splitlines()[2:]  # pyright: ignore
    assert all("success" not in line and "nan" not in line for line in before)
    assert "success" in last
    kept = [row.success for row in read_rows(directory / "progress.csv")]
    assert kept[-1] == kept[-1]


def test_kill_at_any_moment_can_be_resumed(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    process = start_long_run(directory)
    with pytest.raises(FalseBeaconError, match="another trainer"):
        train(resume=directory, reporter=quiet())
    process.kill()
    process.communicate(timeout=DEADLINE)
    saved = int(checkpoints(directory)[-1].stem)
    settings = SMALL | {"save_seconds": 0.2, "steps": saved + ROLLOUT}
    train(make_config(**settings), resume=directory, reporter=quiet())
    rows = read_rows(directory / "progress.csv")
    assert [row.steps for row in rows] == list(range(ROLLOUT, saved + ROLLOUT + 1, ROLLOUT))
    assert int(checkpoints(directory)[-1].stem) == saved + ROLLOUT
