"""What goes wrong with Minecraft costs an episode its place, never its truth.

Faults are injected into the stand-in, which the real client talks to: that proves client, mission
and protocol, not rendering, physics or block placement in Minecraft.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from evaluation.records.requests import EvaluationRequest
from evaluation.rollouts.suite import RolloutSuite, play
from minecraft_tasks.backends.failures import MOST_IN_A_ROW, MOST_LOSSES
from minecraft_tasks.backends.minerl.backend import MineRLBackend
from minecraft_tasks.backends.minerl.machine.home import HOME_VARIABLE, Home
from minecraft_tasks.backends.minerl.machine.leftovers import PREFIX
from minecraft_tasks.backends.minerl.minecraft import Minecraft
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import EngineError, FalseBeaconError
from minecraft_tasks.infos import broken_slots
from minecraft_tasks.infos import played as left_by
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.draws import IDLE
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.loading import load_agent
from policies.runs.config import make_config
from policies.runs.progress import read_rows
from policies.training.train import train
from tests.standin.process import Standin
from tests.support.small import SMALL
from tests.support.waiting import DEADLINE

TASK = task("HiddenGoal")
FORWARD, LEFT = 0, 1
PATIENT = {"step_seconds": 120.0, "reset_seconds": 120.0, "attempts": 2}
"""Waits that no sound answer outlasts, however busy the machine is."""


@pytest.fixture(scope="module")
def bank() -> LevelBank:
    return locked_bank(TASK, ("heldout",), 3)


@pytest.fixture
def failing(standin: Standin) -> Iterator[Standin]:
    """The stand-in, sound again afterwards."""
    yield standin
    standin.suffer()
    if standin.process.poll() is not None:
        standin.start()


def attached(standin: Standin, **how: float) -> MineRLSettings:
    return MineRLSettings.model_validate({"attach": (standin.port,), **PATIENT, **how})


@pytest.fixture
def env(failing: Standin, bank: LevelBank) -> Iterator[MinecraftTaskVectorEnv]:
    made = MinecraftTaskVectorEnv(
        TASK, bank, 1, order="sequential", backend="minerl", settings=attached(failing)
    )
    yield made
    made.close()


def only(action: int) -> np.ndarray:
    return np.array([action])


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("close@step", "did not answer|died"),
        ("short-frame=100@step", "a frame of 12188 bytes instead of 12288"),
        ("empty-info@step", "holds no xpos, ypos, zpos, yaw, pitch"),
        ("missing-key=zpos@step", "holds no zpos"),
        ("done@step", "the mission ended by itself"),
    ],
)
def test_a_step_that_fails_ends_the_episode_and_its_level_is_played_again(
    env: MinecraftTaskVectorEnv, failing: Standin, fault: str, said: str
) -> None:
    first, _ = env.reset()
    spawn = env.backend.position[0].copy()
    before, *_ = env.step(only(FORWARD))
    failing.suffer(fault)
    frames, reward, terminated, truncated, info = env.step(only(FORWARD))
    assert (reward[0], terminated[0], truncated[0]) == (0.0, False, True)
    assert list(broken_slots(left_by(info))) == [0]
    assert any(part in broken_slots(left_by(info))[0] for part in said.split("|")), broken_slots(
        played(info)
    )
    np.testing.assert_array_equal(info["final_obs"][0], before[0])
    assert not info["candidates"].any()
    assert (env.level[0], env.elapsed[0]) == (0, 0)
    np.testing.assert_array_equal(frames[0], first[0])
    np.testing.assert_allclose(env.backend.position[0], spawn, atol=1e-9)
    *_, info = env.step(only(FORWARD))
    assert broken_slots(left_by(info)) == {}


def test_a_step_that_hangs_is_given_up_and_the_reason_is_told(
    failing: Standin, bank: LevelBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    def given_up(minecraft: Minecraft) -> None:
        drop(minecraft)
        failing.suffer()

    drop = Minecraft.drop
    monkeypatch.setattr(Minecraft, "drop", given_up)
    settings = attached(failing, step_seconds=1.0)
    env = MinecraftTaskVectorEnv(TASK, bank, 1, backend="minerl", settings=settings)
    env.reset()
    failing.suffer("hold@step")
    *_, info = env.step(only(FORWARD))
    env.close()
    assert "gave no answer to act in 1 s" in broken_slots(left_by(info))[0]


def test_the_logs_of_what_was_lost_are_kept(
    failing: Standin,
    bank: LevelBank,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    env = MinecraftTaskVectorEnv(TASK, bank, 1, backend="minerl", settings=attached(failing))
    env.reset()
    failing.suffer("empty-info@step")
    *_, info = env.step(only(FORWARD))
    env.close()
    assert "holds no xpos" in broken_slots(left_by(info))[0]
    (log,) = tmp_path.glob("falsebeacon-*-logs/*/worker.log")
    assert str(log.parent) in caplog.text
    assert "holds no xpos" in log.read_text()


def test_a_game_that_is_gone_for_good_is_given_up_with_its_reason(
    failing: Standin, bank: LevelBank
) -> None:
    env = MinecraftTaskVectorEnv(TASK, bank, 1, backend="minerl", settings=attached(failing))
    env.reset()
    failing.suffer("exit@step")
    for loss in range(1, MOST_IN_A_ROW):
        *_, info = env.step(only(FORWARD))
        assert broken_slots(left_by(info)).keys() == {0}
        assert left_by(info)["given_up"][0] == (loss % MOST_LOSSES == 0)
    assert "no level stands in Minecraft 0 after 2 attempts" in broken_slots(left_by(info))[0]
    with pytest.raises(EngineError, match=f"the engine failed {MOST_IN_A_ROW} times in a row"):
        env.step(only(FORWARD))
    env.close()
    failing.process.wait(DEADLINE)


def test_a_level_that_is_always_lost_is_given_up_and_the_others_are_played(
    minerl: Home, bank: LevelBank, tmp_path: Path
) -> None:
    standin = Standin(minerl.malmo / "Schemas", tmp_path)
    try:
        # A level of HiddenGoal takes more than 60 ticks.
        standin.suffer(*["empty-info@step:70"] + [f"empty-info@step:{n}" for n in (80, 90)])
        found = played(bank, standin, tmp_path / "frames").records
    finally:
        standin.stop()
    whole = played(bank, None, tmp_path).records
    lost = np.flatnonzero(found.episodes["reruns"] == MOST_LOSSES)
    assert len(lost) == 1
    assert not found.episodes["valid"][lost[0]]
    assert "the engine failed: Minecraft 0 failed to act" in found.episodes["reason"][lost[0]]
    assert len(found.steps.of(int(lost[0]))) == 1
    for level in set(range(len(bank))) - set(lost.tolist()):
        assert found.episodes["valid"][level]
        assert found.episodes["steps"][level] == whole.episodes["steps"][level]


def test_a_rollout_whose_game_is_gone_keeps_what_was_played(
    minerl: Home, bank: LevelBank, tmp_path: Path
) -> None:
    standin = Standin(minerl.malmo / "Schemas", tmp_path)
    try:
        standin.suffer("exit@step:150")
        found = played(bank, standin, tmp_path / "frames").records.episodes
    finally:
        standin.stop()
    assert found["valid"][0]
    assert found["steps"][0] > 0
    assert not found["valid"][-1]
    assert "the engine failed: no level stands in Minecraft 0" in found["reason"][-1]


@pytest.mark.parametrize(
    "fault", ["close@mission", "busy=2@mission", "empty-info@peek", "short-frame=1@peek",
              "swallow-drawing=2@mission", "done@peek", "close@peek", "bad-version@connection"],
)  # fmt: skip
def test_a_level_that_does_not_stand_at_first_is_tried_again(
    env: MinecraftTaskVectorEnv, failing: Standin, bank: LevelBank, fault: str
) -> None:
    failing.suffer(fault)
    env.reset(options={"levels": [1]})
    np.testing.assert_allclose(env.backend.position[0], bank.spawn[1, :3], atol=1e-9)
    # MineRL itself asks a busy game again; all else takes another.
    assert env.backend.restarts == int(not fault.startswith("busy"))  # type: ignore[attr-defined]
    *_, info = env.step(only(LEFT))
    assert broken_slots(left_by(info)) == {}


def test_a_world_that_was_drawn_in_part_is_never_played(
    env: MinecraftTaskVectorEnv, failing: Standin
) -> None:
    failing.suffer("swallow-drawing=2@mission+")
    env.reset()
    *_, info = env.step(only(FORWARD))
    assert "blocks were not drawn as they should be" in broken_slots(left_by(info))[0]


def test_a_busy_game_is_given_up_in_time(failing: Standin, bank: LevelBank) -> None:
    settings = attached(failing, reset_seconds=3.0)
    env = MinecraftTaskVectorEnv(TASK, bank, 1, backend="minerl", settings=settings)
    failing.suffer("busy@mission+")
    env.reset()
    assert "gave no answer to begin in 3 s" in env.backend.faults[0]
    env.close()


def test_a_game_is_nobody_elses_while_it_is_used(
    env: MinecraftTaskVectorEnv, failing: Standin, bank: LevelBank
) -> None:
    env.reset()
    other = MinecraftTaskVectorEnv(TASK, bank, 1, backend="minerl", settings=attached(failing))
    with pytest.raises(FalseBeaconError, match="is in use: two agents"):
        other.reset()
    other.close()
    with pytest.raises(ValidationError, match="named twice"):
        MineRLSettings(attach=(failing.port, failing.port))
    with pytest.raises(ValidationError, match="4 workers and 1 ports"):
        MineRLSettings(workers=4, attach=(failing.port,))


def test_training_counts_no_episode_that_was_lost(
    minerl: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    standin = Standin(minerl.malmo / "Schemas", tmp_path)
    config = make_config(
        **{**SMALL, "task": TASK.spec.name, "steps": 16, "minibatches": 1, "backend": "minerl",
           "minerl": attached(standin), "heldout_levels": 0, "first_checkpoint": 16}
    )  # fmt: skip
    try:
        standin.suffer("close@step:40")
        out = train(config, tmp_path / "run")
    finally:
        standin.stop()
    assert "an episode is lost, and its level is played again" in capsys.readouterr().out
    rows = read_rows(out / "progress.csv")
    # Sixteen decisions end no episode but the one that was lost.
    assert np.isnan(rows[-1].success)
    assert sum(row.lost for row in rows) == 1


def test_nothing_is_left_when_an_environment_is_closed(
    failing: Standin, bank: LevelBank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = MinecraftTaskVectorEnv(TASK, bank, 1, backend="minerl", settings=attached(failing))
    made.reset()
    assert list(tmp_path.glob(f"{PREFIX}*"))
    made.close()
    assert not list(tmp_path.glob(f"{PREFIX}*"))


def played(bank: LevelBank, standin: Standin | None, folder: Path) -> RolloutSuite:
    """What the oracle does on every level, in Minecraft or on the embedded engine."""
    asked = EvaluationRequest(task=TASK.spec.name, agent="oracle:goal", modes=("sampled",))
    if standin is not None:
        engine = {"backend": "minerl", "minerl": attached(standin)}
        asked = asked.model_copy(update=engine)
    agent = load_agent(asked.agent, TASK)
    return play(agent, TASK, bank, asked, lambda *told: None, folder)


def test_a_lost_episode_is_played_again_and_the_records_say_so(
    minerl: Home, bank: LevelBank, tmp_path: Path
) -> None:
    standin = Standin(minerl.malmo / "Schemas", tmp_path)
    try:
        standin.suffer("empty-info@step:70", "close@step:150")
        found = played(bank, standin, tmp_path / "frames")
    finally:
        standin.stop()
    whole = played(bank, None, tmp_path)
    episodes = found.records.episodes
    assert found.shown.reruns == episodes["reruns"].sum() == 2
    assert found.shown.restarts == 2
    assert set(episodes["rerun_reason"][episodes["reruns"] == 0]) == {""}
    assert all(episodes["rerun_reason"][episodes["reruns"] > 0])
    for name, column in whole.records.episodes.columns.items():
        if not name.startswith("rerun"):
            np.testing.assert_array_equal(episodes[name], column, err_msg=name)
    for name, column in whole.records.steps.columns.items():
        np.testing.assert_allclose(
            found.records.steps[name].astype(float), column.astype(float), atol=1e-6, err_msg=name
        )
    for level in range(len(bank)):
        rows = found.records.steps.of(level)
        assert len(found.recordings["sampled"].frames(level)) == len(rows)


def test_more_levels_than_minecrafts_are_refused(bank: LevelBank, standin: Standin) -> None:
    with pytest.raises(FalseBeaconError, match="2 levels at a time need as many Minecrafts, and 1"):
        MineRLBackend(2, TASK.spec.world_shape, settings=attached(standin))


def test_without_its_environment_the_way_out_is_named(
    bank: LevelBank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    with pytest.raises(FalseBeaconError, match="run `make minerl`"):
        MinecraftTaskVectorEnv(TASK, bank, 1, backend="minerl")


def test_without_a_built_minecraft_the_way_out_is_named(bank: LevelBank, minerl: Home) -> None:
    assert not minerl.jar.exists()
    env = MinecraftTaskVectorEnv(TASK, bank, 1, backend="minerl")
    with pytest.raises(FalseBeaconError, match="Minecraft was not built"):
        env.reset()
    assert env.level[0] in (0, 1, 2, IDLE)
    env.close()
