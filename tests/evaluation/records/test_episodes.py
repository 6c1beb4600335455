"""Records survive their files, and files that are damaged or foreign are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evaluation.records.episodes import (
    Records,
    Steps,
    episodes_schema,
    read_episodes,
    read_steps,
    steps_schema,
    write_records,
)
from minecraft_tasks.core.errors import CorruptFileError, StaleError
from minecraft_tasks.tasks import task
from tests.support.judged import SPEC, capable, played


def walked(episodes: int, length: int = 3) -> Steps:
    """Steps of some episodes, each a spawn and `length` decisions."""
    rows = episodes * (length + 1)
    columns: dict[str, np.ndarray] = {
        "episode": np.repeat(np.arange(episodes), length + 1),
        "t": np.tile(np.arange(-1, length), episodes),
        "action": np.tile([-1, *[0] * length], episodes),
    }
    columns |= {name: np.linspace(0, 9, rows) for name in ("x", "y", "z", "yaw")}
    columns["value"] = np.full(rows, np.nan)
    columns |= {f"logp_{action}": np.full(rows, -1.1) for action in range(len(SPEC.actions))}
    return Steps(columns)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    write_records(tmp_path, Records(capable(), walked(4)), SPEC)
    return tmp_path


def test_tables_survive_their_files(directory: Path) -> None:
    episodes = read_episodes(directory / "episodes.parquet", SPEC.task_hash)
    assert episodes.candidates == SPEC.candidate_names
    for name, column in capable().columns.items():
        np.testing.assert_array_equal(episodes[name], column)
    steps = read_steps(directory / "steps.parquet", SPEC.task_hash)
    np.testing.assert_allclose(steps["x"], walked(4)["x"], rtol=1e-6)


def test_schemas_name_their_version_and_task() -> None:
    for schema in (episodes_schema(SPEC), steps_schema(SPEC)):
        assert schema.metadata[b"falsebeacon.schema"] == b"2"
        assert schema.metadata[b"falsebeacon.task_hash"] == SPEC.task_hash.encode()


def test_steps_of_an_episode_begin_at_its_spawn() -> None:
    steps = walked(5).of(3)
    assert steps["t"].tolist() == [-1, 0, 1, 2]
    assert set(steps["episode"]) == {3}


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_truncated_files_are_refused(directory: Path, share: float) -> None:
    path = directory / "episodes.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(CorruptFileError, match=r"episodes\.parquet is truncated or damaged"):
        read_episodes(path)


def test_a_flipped_bit_is_noticed(directory: Path) -> None:
    path = directory / "steps.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 4] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(CorruptFileError, match=r"steps\.parquet is truncated or damaged"):
        read_steps(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorruptFileError, match=r"steps\.parquet is missing"):
        read_steps(tmp_path / "steps.parquet")


def rewrite(path: Path, **metadata: str) -> None:
    table = pq.read_table(path)
    changed = {f"falsebeacon.{name}".encode(): value for name, value in metadata.items()}
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, **changed}), path)


def test_unknown_schema_versions_are_refused(directory: Path) -> None:
    rewrite(directory / "episodes.parquet", schema="3")
    with pytest.raises(StaleError, match="schema version '3'"):
        read_episodes(directory / "episodes.parquet")


def test_parquet_files_of_another_kind_are_refused(directory: Path) -> None:
    with pytest.raises(StaleError, match="holds steps records"):
        read_episodes(directory / "steps.parquet")
    pq.write_table(pa.table({"a": [1]}), directory / "steps.parquet")
    with pytest.raises(StaleError, match="holds no records"):
        read_steps(directory / "steps.parquet")


def test_another_tasks_records_are_refused(directory: Path) -> None:
    other = task("GreenArrowMaze").spec.task_hash
    with pytest.raises(StaleError, match=f"the task now has {other}"):
        read_episodes(directory / "episodes.parquet", other)


def test_a_missing_column_is_named(directory: Path) -> None:
    path = directory / "episodes.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["touch_beacon"]), path)
    with pytest.raises(CorruptFileError, match="lacks the column 'touch_beacon'"):
        read_episodes(path)


def test_a_failed_write_leaves_the_earlier_file(directory: Path) -> None:
    before = (directory / "episodes.parquet").read_bytes()
    broken = played("heldout", "altar", 3)
    broken.columns["level_seed"] = np.array(["not", "a", "seed"], object)  # type: ignore[index]
    with pytest.raises(pa.ArrowInvalid):
        write_records(directory, Records(broken, walked(1)), SPEC)
    assert (directory / "episodes.parquet").read_bytes() == before
    assert sorted(path.name for path in directory.iterdir()) == [
        "episodes.parquet",
        "steps.parquet",
    ]
