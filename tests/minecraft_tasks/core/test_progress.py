"""Progress: bars in a terminal, lines elsewhere."""

from __future__ import annotations

import io
import math

import pytest

from minecraft_tasks.core.progress import Stages


def test_lines_tell_each_stage_and_its_end() -> None:
    stream = io.StringIO()
    with Stages(stream, seconds=math.inf) as stages:
        for done in range(4):
            stages("levels", done, 3)
        stages("clips", 0, 2000)
        stages("clips", 1, 2000, "slowly")
        stages("clips", 2, 2000, "fast", now=True)
        stages.note("a long line " * 20)
    assert stream.getvalue().splitlines() == [
        "levels: 0 of 3",
        "levels: 3 of 3",
        "clips: 0 of 2,000",
        "clips: 2 of 2,000  fast",
        "a long line " * 20,
    ]


def test_a_terminal_shows_bars_with_notes_above(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    stream = io.StringIO()
    stream.isatty = lambda: True  # type: ignore[method-assign]
    with Stages(stream) as stages:
        stages("levels", 1, 3, "2.0/s")
        stages("levels", 3, 3, "1.0/s", now=True)
        stages.note("[a note]")
    said = stream.getvalue()
    assert "levels: 3 of 3  1.0/s" in said
    assert "[a note]" in said
    assert "3/3" in said
