"""Stacks are written on one line, and say what is wrong with them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from falsebeacon.train import defaults
from minecraft_tasks.core.errors import FalseBeaconError
from policies.runs.config import make_config
from wrappers.stack import ActionRepeatSpec, FrameStackSpec, GreySpec, Stack


def test_a_stack_is_written_from_the_environment_outwards() -> None:
    stack = Stack.parse("action_repeat:repeat=3,grey,frame_stack")
    assert tuple(stack) == (ActionRepeatSpec(repeat=3), GreySpec(), FrameStackSpec(n=4))
    assert str(stack) == "action_repeat:repeat=3,grey,frame_stack:n=4"
    assert not Stack.parse("")
    assert str(Stack()) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gray", "no wrapper 'gray'; known: blind, grey, resize:size=SIZE"),
        ("resize", "resize.size is missing"),
        ("resize:size=38", "resize.size.*multiple of 4"),
        ("frame_stack:n", "'n' is no key=value"),
        ("frame_stack:n=1", "frame_stack.n.*greater than or equal to 2"),
        ("grey:deep=1", "deep.*no such key"),
        ("grey,action_repeat", "action_repeat must be the first wrapper"),
        ("action_repeat,action_repeat", "action_repeat stands twice"),
        ("grey,blind,grey", "grey stands twice"),
        ("frame_stack,grey", "grey must stand before frame_stack"),
        ("frame_stack,blind,resize:size=48", "resize must stand before frame_stack"),
        ("sticky_actions:probability=1", "less than 1"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(FalseBeaconError, match=said):
        Stack.parse(text)
    with pytest.raises(FalseBeaconError, match=said.split(".*")[-1]):
        make_config(task="BeaconShrine", wrappers=text)


def test_a_configuration_takes_text_and_what_its_json_holds() -> None:
    config = make_config(task="BeaconShrine", wrappers="grey")
    assert config.model_dump(mode="json")["wrappers"] == [{"name": "grey"}]
    assert type(config).model_validate(config.model_dump(mode="json")) == config
    assert defaults([]).wrappers == Stack()


def test_describing_a_stack_loads_no_engine() -> None:
    script = (
        "import sys, wrappers.stack;"
        "print(sorted({'torch', 'gymnasium', 'numba', 'stable_baselines3'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
