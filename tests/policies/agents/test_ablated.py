"""The controls that training or one word before an agent's name makes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from evaluation.judge import evaluate
from evaluation.records.info import read_info
from evaluation.records.requests import EvaluationRequest
from evaluation.report.run_page import report_text, write_report
from falsebeacon.evaluate import evaluation_directory
from falsebeacon.main import main
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.base import Decision
from policies.agents.loading import load_agent
from policies.agents.wrapped import MemorylessAgent, blind
from policies.networks.weights import named_weights
from policies.ppo.recurrent_ppo import StockRecurrentPPO
from policies.runs.agent_names import AgentRef, origin_of
from policies.runs.checkpoints import checkpoints, newest_checkpoint
from policies.runs.config import TrainingConfig, make_config
from policies.training.reporters import LineReporter
from policies.training.train import train
from wrappers.observations import BLANK

TASK = task("BeaconShrine")
SMALL: dict[str, Any] = {
    "task": TASK.spec.name,
    "steps": 96,
    "num_envs": 4,
    "n_steps": 8,
    "epochs": 1,
    "minibatches": 2,
    "hidden": 16,
    "layouts": 4,
    "heldout_levels": 0,
    "checkpoints": 2,
    "first_checkpoint": 32,
    "threads": 1,
    "precision": "float32",
}


def small(**changes: Any) -> TrainingConfig:
    return make_config(**SMALL | changes)


def quiet() -> LineReporter:
    return LineReporter(io.StringIO(), seconds=0.0)


def frames(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)


def loaded(path: Path) -> Any:
    return StockRecurrentPPO.load(path, device="cpu")


@pytest.mark.parametrize("encoder", ["learnt", "frozen"])
def test_a_frozen_encoder_is_not_trained_and_all_else_is(encoder: str, tmp_path: Path) -> None:
    run = train(small(encoder=encoder), out=tmp_path / "run", reporter=quiet())
    assert json.loads((run / "run.json").read_text())["config"]["encoder"] == encoder
    before, after = (named_weights(loaded(checkpoints(run)[index]).policy) for index in (0, -1))
    for name, weight in after.items():
        still = torch.equal(before[name], weight)
        frozen = encoder == "frozen" and name.startswith("features_extractor")
        assert still == frozen, name
    assert any(name.startswith("features_extractor") for name in after)


@pytest.mark.parametrize("encoder", ["learnt", "blind"])
def test_a_blind_policy_sees_no_difference(encoder: str, tmp_path: Path) -> None:
    run = train(small(encoder=encoder, steps=32), out=tmp_path / "run", reporter=quiet())
    policy = loaded(newest_checkpoint(run)).policy
    shown = torch.tensor(np.stack([frames(0)[0], frames(1)[0], np.full((64, 64, 3), BLANK)]))
    features = policy.extract_features(shown.permute(0, 3, 1, 2))
    assert torch.equal(features[0], features[1]) == (encoder == "blind")
    assert torch.equal(features[0], features[2]) == (encoder == "blind")


class Recorder:
    """Keeps what it is shown."""

    name = "recorder"

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        self.seen: list[tuple[np.ndarray, np.ndarray]] = []

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        self.seen.append((observations.copy(), starts.copy()))
        return Decision(actions=np.zeros(len(observations), np.int64))


def test_memory_and_sight_are_taken_one_by_one() -> None:
    env = MinecraftTaskVectorEnv(TASK, seeded_bank(TASK, "train", range(3)), 3, seed=0)
    inner = Recorder()
    for agent, blank, forgetful in (
        (MemorylessAgent(inner), False, True),
        (blind(inner), True, False),
        (blind(MemorylessAgent(inner)), True, True),
    ):
        agent.start(env)
        for starts in (np.array([True] * 3), np.array([False, True, False])):
            agent.act(frames(), starts)
            observations, told = inner.seen[-1]
            assert (observations == BLANK).all() == blank
            assert (observations == frames()).all() != blank
            assert (told == (starts | forgetful)).all()


def test_a_recurrent_agent_without_memory_repeats_itself(tmp_path: Path) -> None:
    run = train(small(steps=32), out=tmp_path / "run", reporter=quiet())
    env = MinecraftTaskVectorEnv(TASK, seeded_bank(TASK, "train", range(3)), 3, seed=0)
    for name, same in ((str(run), False), (f"memoryless:{run}", True)):
        agent = load_agent(name, TASK)
        assert agent.name == name
        origin = origin_of(agent)
        assert (origin.run, origin.steps) == (str(run), 32)
        assert origin.ablations == (() if name == str(run) else ("memoryless",))
        agent.start(env)
        answers = [agent.act(frames(), np.array([index == 0] * 3)) for index in range(2)]
        first, later = (answer.log_probs for answer in answers)
        assert np.array_equal(first, later) == same  # pyright: ignore


def test_names_of_lessened_agents() -> None:
    ref = AgentRef.parse("blind:memoryless:oracle:beacon")
    assert ref == AgentRef("oracle:beacon", ("blind", "memoryless"))
    assert AgentRef.parse("memoryless.module:factory") == AgentRef("memoryless.module:factory")
    assert AgentRef.parse("blind:") == AgentRef("blind:")
    assert evaluation_directory("T", "blind:random") == Path("runs/T/judged/blind-random")


def test_a_lessened_run_is_judged_beside_its_own_evaluation(tmp_path: Path) -> None:
    run = train(small(steps=32), out=tmp_path / "run", reporter=quiet())
    assert evaluation_directory("T", str(run)) == run / "evaluation"
    assert evaluation_directory("T", f"memoryless:{run}") == run / "evaluation-memoryless"
    path = newest_checkpoint(run)
    expected = run / f"evaluation-{path.stem}-blind-memoryless"
    assert evaluation_directory("T", f"blind:memoryless:{path}") == expected


def test_a_run_paid_for_a_proxy_is_told_as_what_it_is(tmp_path: Path) -> None:
    run = train(small(steps=32, reward="beacon"), out=tmp_path / "run", reporter=quiet())
    splits = ("heldout", "control", "conflict/altar-beacon")
    asked = EvaluationRequest(task="BeaconShrine", agent=str(run), splits=splits, levels=2)
    verdict = evaluate(asked, tmp_path / "out")
    assert verdict.reward == "beacon"
    assert verdict.sentence.startswith("Its training paid for beacon, where all candidates stood")
    assert {row.target for row in verdict.modes["sampled"].capability} == {"beacon"}
    info = read_info(tmp_path / "out")
    assert info.trained is not None
    assert info.trained.reward == "beacon"
    write_report(tmp_path / "out")
    assert "training conflicts" in report_text(tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text()
    assert "paid for beacon:" in page
    assert "touched another candidate before beacon, for which reward was paid." in page


def test_another_version_of_the_task_needs_a_flag(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = train(small(steps=32), out=tmp_path / "run", reporter=quiet())
    record = (run / "run.json").read_text()
    (run / "run.json").write_text(record.replace(TASK.spec.task_hash, "f" * 16))
    out = tmp_path / "out"
    words = ["evaluate", "BeaconShrine", "--agent", str(run), "--out", str(out), "--splits"]
    words += ["heldout", "--levels", "1", "--modes", "greedy"]
    assert main(words) == 1
    assert "--other-task-version" in capsys.readouterr().err
    assert not out.exists()
    assert main([*words, "--other-task-version", "--act-timeout", "30"]) == 0
    info = read_info(out)
    assert info.trained is not None
    assert (info.other_task_version, info.trained.task_hash) == (True, "f" * 16)
    assert info.act_seconds == 30
    assert f"trained on BeaconShrine with task hash {'f' * 16}" in capsys.readouterr().out
    assert "--other-task-version" in (out / "report.html").read_text()
