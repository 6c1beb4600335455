"""An agent is trained and judged through the whole MineRL path as on the embedded engine.

The real client talks to a stand-in that moves bodies and draws frames by the embedded engine: this
proves client, mission and protocol, not rendering, physics or block placement in Minecraft.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from evaluation.judge import evaluate
from evaluation.pictures.clips import count_frames
from evaluation.records.episodes import REFERENCE, read_episodes, read_steps
from evaluation.records.info import read_info
from evaluation.records.requests import EvaluationRequest
from evaluation.report.run_page import report_text, write_report
from minecraft_tasks.backends.minerl.machine.home import Home
from minecraft_tasks.backends.minerl.mission.beams import cleared
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.runs.config import make_config
from policies.runs.progress import read_rows
from policies.training.train import train
from tests.standin.process import Standin
from tests.support.small import ROLLOUT, SMALL

TASK = task("HiddenGoal")
SPLITS = ("control", "conflict/goal-side")


def asked(**options: object) -> EvaluationRequest:
    """An evaluation on a few levels; the oracle's unless `options` name another agent."""
    usual = {"agent": "oracle:goal", "splits": SPLITS, "modes": ("sampled",), "levels": 2}
    return EvaluationRequest.model_validate({"task": TASK.spec.name, **usual, **options})


@pytest.fixture(scope="module")
def settings(standin: Standin) -> MineRLSettings:
    return MineRLSettings(attach=(standin.port,), step_seconds=120, reset_seconds=120)


@pytest.fixture(scope="module")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on the embedded engine, barely trained: its answers are its own all the same."""
    out = tmp_path_factory.mktemp("learner") / "run"
    return train(make_config(**{**SMALL, "task": TASK.spec.name, "steps": 2 * ROLLOUT}), out)


@pytest.mark.parametrize("name", ["oracle:goal", "learner"])
def test_an_agent_gets_the_same_verdict_in_both(
    name: str, learner: Path, settings: MineRLSettings, tmp_path: Path
) -> None:
    here, there = tmp_path / "voxel", tmp_path / "minerl"
    agent = str(learner) if name == "learner" else name
    direct = evaluate(asked(agent=agent), here)
    through = evaluate(asked(agent=agent, backend="minerl", minerl=settings), there)
    assert through == direct
    for read, table in ((read_episodes, "episodes.parquet"), (read_steps, "steps.parquet")):
        expected, found = read(here / table).columns, read(there / table).columns
        assert found.keys() == expected.keys()
        for column, values in expected.items():
            if values.dtype.kind == "f":
                # Batches of another size round log-probabilities otherwise.
                np.testing.assert_allclose(found[column], values, atol=1e-4, err_msg=column)
            else:
                np.testing.assert_array_equal(found[column], values, err_msg=column)


def test_only_what_a_beacon_stands_on_is_shown_otherwise(settings: MineRLSettings) -> None:
    shrine = task("BeaconShrine")
    bank = locked_bank(shrine, ("only/beacon",), 3)
    pedestal = replace(bank, blocks=np.stack([cleared(blocks) for blocks in bank.blocks]))
    assert 0 < (pedestal.blocks != bank.blocks).sum() <= 2 * len(bank)
    here = MinecraftTaskVectorEnv(shrine, pedestal, 1)
    there = MinecraftTaskVectorEnv(shrine, bank, 1, backend="minerl", settings=settings)
    rng = np.random.default_rng(0)
    for level in range(len(bank)):
        options = {"levels": [level]}
        shown, expected = there.reset(options=options)[0], here.reset(options=options)[0]
        for action in rng.integers(0, 3, 12):
            np.testing.assert_array_equal(shown, expected)
            shown, expected = there.step([action])[0], here.step([action])[0]
    there.close()


def test_an_evaluation_says_which_engine_it_saw_and_shows_what_was_seen(
    settings: MineRLSettings, tmp_path: Path
) -> None:
    out = tmp_path / "minerl"
    evaluate(asked(backend="minerl", minerl=settings), out)
    shown = read_info(out).shown
    assert (shown.backend, shown.settings) == ("minerl", settings)
    assert (shown.reruns, shown.restarts) == (0, 0)
    episodes = read_episodes(out / "episodes.parquet")
    assert shown.tally.levels == len(episodes)
    assert shown.tally.decisions == episodes["steps"].sum()
    assert f"minerl, 1 at a time: {shown.tally.decisions} decisions" in report_text(out)
    assert shown.words in write_report(out).read_text()
    clips = sorted((out / "clips").glob("*.webm"))
    assert clips
    for clip in clips:
        assert count_frames(clip) > 1
        capture = cv2.VideoCapture(str(clip))
        picture = capture.read()[1]
        # Recorded at 64 pixels: enlarged, each is four; a replay is drawn at 128.
        seen = picture[:128, :128].astype(int)
        assert seen.std() > 5
        assert np.abs(seen[::2, ::2] - seen[1::2, 1::2]).mean() < 3
        capture.release()
    kept = list((out / "frames").rglob("*.frames"))
    assert len(kept) == int((episodes["agent"] != REFERENCE).sum()), "a review shows them"


def test_two_minecrafts_play_what_one_plays(
    minerl: Home, settings: MineRLSettings, tmp_path: Path
) -> None:
    second = Standin(minerl.malmo / "Schemas", tmp_path)
    both = settings.model_copy(update={"attach": (*settings.attach, second.port)})
    direct = asked(splits=SPLITS[:1], levels=3)
    try:
        # Three levels for two, so that one idles in the end.
        through = direct.model_copy(update={"backend": "minerl", "minerl": both})
        evaluate(through, tmp_path / "two")
    finally:
        second.stop()
    evaluate(direct, tmp_path / "direct")
    tables = [read_episodes(tmp_path / name / "episodes.parquet") for name in ("two", "direct")]
    for column in ("steps", "first", "touch_goal", "return"):
        np.testing.assert_array_equal(tables[0][column], tables[1][column])
    tally = read_info(tmp_path / "two").shown.tally
    assert tally.decisions == tables[0]["steps"].sum()
    assert tally.levels == len(tables[0])


def test_the_one_level_environment_is_one(settings: MineRLSettings) -> None:
    env = gymnasium.make(
        TASK.spec.env_id, split="control", backend="minerl", settings=settings,
        render_mode="rgb_array",
    )  # fmt: skip
    check_env(env.unwrapped, skip_render_check=True)
    frame, info = env.reset(options={"level": 1})
    np.testing.assert_array_equal(env.render(), frame)
    assert info["broken"] == ""
    env.close()


def test_gymnasium_records_what_minecraft_shows(settings: MineRLSettings, tmp_path: Path) -> None:
    env = gymnasium.make(
        TASK.spec.env_id, split="control", backend="minerl", settings=settings,
        render_mode="rgb_array",
    )  # fmt: skip
    wrapped = gymnasium.wrappers.RenderCollection(env)
    wrapped.reset(options={"level": 0})
    for _ in range(3):
        wrapped.step(np.int64(1))
    frames = wrapped.render()
    assert len(frames) == 4
    assert (frames[0] != frames[1]).any()
    wrapped.close()


def test_a_run_in_minecraft_goes_on_with_new_episodes_and_other_settings(
    settings: MineRLSettings, tmp_path: Path
) -> None:
    config = make_config(
        **{**SMALL, "task": TASK.spec.name, "steps": 16, "minibatches": 1, "backend": "minerl",
           "minerl": settings, "heldout_levels": 0, "first_checkpoint": 8}
    )  # fmt: skip
    assert config.environments == 1
    out = train(config, tmp_path / "run")
    assert read_rows(out / "progress.csv")[-1].steps == 16
    record = json.loads((out / "run.json").read_text())
    assert record["config"]["backend"] == "minerl"
    assert record["config"]["minerl"]["attach"] == list(settings.attach)
    longer = config.model_copy(
        update={"steps": 24, "minerl": settings.model_copy(update={"restart_every": 7})}
    )
    train(longer, resume=out)
    assert read_rows(out / "progress.csv")[-1].steps == 24
    with pytest.raises(FalseBeaconError, match="backend"):
        train(longer.model_copy(update={"backend": "voxel", "steps": 32}), resume=out)
