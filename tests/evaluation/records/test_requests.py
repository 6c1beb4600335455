"""What a command was asked: its words give the record that the function behind it takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from evaluation.ease.settings import EaseRequest, RLSettings
from evaluation.records.requests import CalibrationRequest, EvaluationRequest, ParityRequest
from falsebeacon.main import parse
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.records import Record

ASKED = [
    (
        "evaluate T --agent random --levels 4 --modes greedy --splits heldout control --seed 3",
        EvaluationRequest(
            task="T", agent="random", levels=4, modes=("greedy",), splits=("heldout", "control"),
            seed=3,
        ),
    ),
    ("calibrate T --levels 2 --swapped", CalibrationRequest(task="T", levels=2, swapped=True)),
    (
        "parity T --against minerl --attach 10000 10001 --note hers",
        ParityRequest(
            task="T", against="minerl", note="hers", minerl=MineRLSettings(attach=(10000, 10001))
        ),
    ),
    ("ease T --seeds 2 --steps 9 --out o", EaseRequest(task="T", seeds=2, steps=9, out=Path("o"))),
]  # fmt: skip


@pytest.mark.parametrize(("words", "request_"), ASKED)
def test_a_command_is_what_it_was_asked(words: str, request_: Record) -> None:
    command = parse(words.split())
    assert isinstance(command, type(request_))
    fields = type(request_).model_fields
    assert {name: getattr(command, name) for name in fields} == dict(request_)


def test_minecraft_is_set_only_where_it_is_asked_for() -> None:
    assert ParityRequest(task="T", backend="voxel").settings is None
    assert ParityRequest(task="T", against="minerl").settings == MineRLSettings()


def test_training_runs_have_as_many_seeds_as_are_asked_for() -> None:
    assert EaseRequest(task="T", seeds=2, steps=7).rl == RLSettings(steps=7, seeds=(0, 1))


@pytest.mark.parametrize("option", [{"levels": 0}, {"seed": -1}, {"act_timeout": 0}, {"agent": ""}])
def test_what_nothing_can_be_made_of_is_refused(option: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EvaluationRequest.model_validate({"task": "T", "agent": "random", **option})
