"""Records that are JSON files: what is refused, and in which words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import Field

from minecraft_tasks.core.errors import CorruptFileError, StaleError
from minecraft_tasks.core.records import SchemaVersion, VersionedRecord


class Tally(VersionedRecord):
    REMEDY: ClassVar[str] = "count again"

    schema_version: SchemaVersion = 2
    name: str
    shares: dict[str, float] = Field(default_factory=dict)

    @classmethod
    def upgraded(cls, document: dict[str, Any]) -> dict[str, Any]:
        if document["schema"] == 1:
            return {"schema": 2, "name": document["title"]}
        return document


def test_a_record_reads_back_with_its_version_first(tmp_path: Path) -> None:
    path, made = tmp_path / "tally.json", Tally(name="one", shares={"ä": 0.5})
    made.write(path)
    assert Tally.read(path) == made
    assert list(json.loads(path.read_text())) == ["schema", "name", "shares"]
    assert path.read_text().endswith("}\n")


def test_an_earlier_version_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "tally.json"
    path.write_text('{"schema": 1, "title": "one"}')
    assert Tally.read(path) == Tally(name="one")


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        (None, CorruptFileError, "is missing"),
        ("{", CorruptFileError, "cannot be read as JSON"),
        (b"\xff", CorruptFileError, "cannot be read as JSON"),
        ("[]", CorruptFileError, "a JSON list, not an object"),
        ("{}", CorruptFileError, "lacks the field 'schema'"),
        ('{"schema": 1}', CorruptFileError, "lacks the field 'title'"),
        ('{"schema": 2}', CorruptFileError, "bad field: name is missing"),
        ('{"schema": 2, "name": "a", "shares": {"b": "c"}}', CorruptFileError, r"shares\.b"),
        (
            '{"schema": 2, "name": "a", "nmae": "b"}',
            CorruptFileError,
            "bad field: nmae = 'b': there is no such key",
        ),
        ('{"schema": 9, "name": "a"}', StaleError, "schema version 9, this program reads 2"),
    ],
)
def test_what_is_wrong_is_named_with_the_way_out(
    tmp_path: Path, text: str | bytes | None, error: type[Exception], said: str
) -> None:
    path = tmp_path / "tally.json"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(error, match=rf"tally\.json .*{said}.*: count again\.$"):
        Tally.read(path)
    with pytest.raises(error, match="guess"):
        Tally.read(path, "guess")
