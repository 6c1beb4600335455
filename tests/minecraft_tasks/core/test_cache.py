"""Arrays that are kept on disk: found again, made again, and never in the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecraft_tasks.core import cache
from minecraft_tasks.core.cache import Arrays, kept, kept_rows

KEY = ("some words", np.arange(6))


class Maker:
    """Makes two arrays, and counts how often."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> Arrays:
        self.made += 1
        return np.linspace(0, 1, 7, dtype=np.float32), np.full((2, 3), np.nan)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "falsebeacon"


def test_arrays_are_made_once_and_come_back_the_same(folder: Path) -> None:
    make = Maker()
    first, again = kept("some", KEY, make), kept("some", KEY, make)
    assert make.made == 1
    for mine, theirs in zip(first, again, strict=True):
        np.testing.assert_array_equal(mine, theirs)
        assert mine.dtype == theirs.dtype
    assert len(list(folder.iterdir())) == 1


def test_another_key_kind_or_source_is_another_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Maker()
    kept("some", KEY, make)
    kept("other", KEY, make)
    kept("some", (KEY[0], np.arange(7)), make)
    kept("some", ("some wordsx", np.arange(6)), make)
    monkeypatch.setattr(cache, "_source", lambda: b"changed")
    kept("some", KEY, make)
    assert make.made == 5


def test_a_damaged_file_is_made_again(folder: Path) -> None:
    make = Maker()
    kept("some", KEY, make)
    (file,) = folder.iterdir()
    for damage in (b"", b"not what was written", file.read_bytes()[:20]):
        file.write_bytes(damage)
        kept("some", KEY, make)
    assert make.made == 4
    kept("some", KEY, make)
    assert make.made == 4


def test_a_folder_that_cannot_be_written_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    make = Maker()
    assert len(kept("some", KEY, make)) == 2
    kept("some", KEY, make)
    assert make.made == 2


def test_a_user_without_a_home_keeps_arrays_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(cache.Path, "home", homeless)
    monkeypatch.setattr(cache.tempfile, "gettempdir", lambda: str(tmp_path))
    make = Maker()
    for _ in range(2):
        kept("some", KEY, make)
    assert make.made == 1


def test_threads_write_beside_each_other(folder: Path) -> None:
    make = Maker()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: kept("some", (str(number % 4),), make), range(64)))
    assert len(found) == 64
    assert len(list(folder.iterdir())) == 4


ROWS = (np.arange(10), np.arange(20.0).reshape(10, 2))


def sums(of: np.ndarray, more: np.ndarray, power: int) -> np.ndarray:
    """One number for each row."""
    return (of + more.sum(axis=1)) ** power


def test_rows_are_made_in_parts_and_only_those_that_are_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(cache, "ROWS", 3)
    made: list[list[int]] = []

    def work(*arguments: Any) -> np.ndarray:
        made.append(arguments[0].tolist())
        if len(made) == 3:
            raise KeyboardInterrupt
        return sums(*arguments)

    with pytest.raises(KeyboardInterrupt):
        kept_rows("some", "words", work, ROWS, (2,))
    np.testing.assert_array_equal(kept_rows("some", "words", work, ROWS, (2,)), sums(*ROWS, 2))
    assert sorted(made) == sorted([[0, 1, 2], [3, 4, 5], [6, 7, 8], [9], made[2]])
    assert len(list(folder.iterdir())) == 4
    np.testing.assert_array_equal(kept_rows("some", "words", work, ROWS, (2,)), sums(*ROWS, 2))
    kept_rows("some", "other words", work, ROWS, (2,))
    assert len(made) == 9


def test_several_processes_make_the_rows_that_one_makes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setattr(cache, "ROWS", 4)
    np.testing.assert_array_equal(kept_rows("some", "", sums, ROWS, (3,)), sums(*ROWS, 3))
    none = tuple(rows[:0] for rows in ROWS)
    assert len(kept_rows("some", "", sums, none, (3,))) == 0


def test_all_source_that_plans_are_made_of_is_there() -> None:
    package = Path(cache.__file__).parents[1]
    assert all((package / name).exists() for name in cache.PLANNERS)
