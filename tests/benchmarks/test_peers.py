from __future__ import annotations

import importlib.util
from operator import truediv

import numpy as np
import pytest

from benchmarks import contenders, peers
from benchmarks.turns import Child, stepping


def test_peers_that_are_not_installed_are_named_and_passed_over(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert peers.main() == {}
    printed = capsys.readouterr().out
    for peer in peers.PEERS:
        assert f"{peer.title}: not installed: pip install {peer.name}" in printed


@pytest.mark.parametrize("num_envs", [1, 2])
def test_ours_steps_past_the_end_of_episodes(num_envs: int) -> None:
    step = contenders.ours(num_envs, 32)
    shape = (32, 32, 3) if num_envs == 1 else (num_envs, 32, 32, 3)
    for _ in range(140):
        frames = step()
        assert frames.shape == shape
        assert frames.dtype == np.uint8


def test_a_contender_that_cannot_be_made_says_why() -> None:
    child = Child("truediv", stepping, truediv, 1, 0)
    try:
        with pytest.raises(RuntimeError, match="truediv: ZeroDivisionError: division by zero"):
            child.answer()
    finally:
        child.close()
