"""Training resumes from the newest checkpoint that is sound, and says which were not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from minecraft_tasks.core.errors import StaleError
from policies.runs.checkpoints import checkpoints
from policies.runs.progress import read_rows
from policies.training.snapshot import MEMBER
from policies.training.train import train
from tests.support.resuming import (
    ROLLOUT,
    Watcher,
    assert_same_run,
    interrupted,
    uninterrupted,
)


def test_a_corrupt_newest_checkpoint_is_played_again(tmp_path: Path) -> None:
    directory, whole = tmp_path / "run", uninterrupted(tmp_path / "whole")
    interrupted(directory, 9)
    *_, before, newest = checkpoints(directory)
    newest.write_bytes(newest.read_bytes()[:5000])
    reporter = Watcher()
    train(resume=directory, reporter=reporter)
    assert f"{newest} is corrupt" in reporter.said
    assert f"resuming from {before}" in reporter.said
    assert_same_run(directory, whole)


def rewrite(path: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Changes members of a zip, or leaves them out."""
    with zipfile.ZipFile(path) as archive:
        members = {name: change(name, archive.read(name)) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            if content is not None:
                archive.writestr(name, content)


def test_checkpoints_without_a_snapshot_resume_with_new_episodes(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    interrupted(directory, 3)
    newest = checkpoints(directory)[-1]
    rewrite(newest, lambda name, content: None if name == MEMBER else content)
    reporter = Watcher()
    train(resume=directory, reporter=reporter)
    assert f"{newest} cannot give its episodes back" in reporter.said
    rows = read_rows(directory / "progress.csv")
    assert [row.steps for row in rows] == [ROLLOUT * (index + 1) for index in range(10)]


def test_snapshots_of_another_schema_and_sound_zips_that_are_no_checkpoints(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    interrupted(directory, 4)
    before, newest = checkpoints(directory)[-2:]
    whole = newest.read_bytes()

    def newer(name: str, content: bytes) -> bytes:
        if name != MEMBER:
            return content
        with np.load(io.BytesIO(content)) as arrays:
            changed = dict(arrays) | {"schema": np.array(7)}
        out = io.BytesIO()
        np.savez(out, allow_pickle=False, **changed)
        return out.getvalue()

    rewrite(newest, newer)
    with pytest.raises(StaleError, match="schema 7"):
        train(resume=directory, reporter=Watcher())
    newest.write_bytes(whole)
    rewrite(newest, lambda name, content: content if name == "data" else None)
    reporter = Watcher()
    train(resume=directory, reporter=reporter)
    assert f"{newest} cannot be loaded" in reporter.said
    assert f"resuming from {before}" in reporter.said
