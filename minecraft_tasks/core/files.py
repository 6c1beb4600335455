"""JSON records that cross rooms, refused when they are damaged or of another version."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError, StaleError
from minecraft_tasks.core.interruption import held_back
from minecraft_tasks.core.records import faults

Model = TypeVar("Model", bound=BaseModel)


def write_model(path: Path, model: BaseModel) -> None:
    """Write a record as indented JSON, whole or not at all."""
    write_text(path, model.model_dump_json(indent=2, by_alias=True) + "\n")


def read_model(path: Path, kind: type[Model], schema: int, again: str = "evaluate again") -> Model:
    """Read a record that `write_model` wrote.

    Args:
        path: The JSON file.
        kind: The record's class.
        schema: The only version that this reader knows.
        again: How the file is made anew, for whoever reads an error.

    Raises:
        CorruptFileError: If the file is missing, is no JSON, or lacks fields.
        StaleError: If it is of another schema version.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CorruptFileError(f"{path} is missing: {again}.") from error
    except (OSError, ValueError) as error:
        raise CorruptFileError(f"{path} cannot be read as JSON ({error}): {again}.") from error
    found = data.get("schema") if isinstance(data, dict) else None
    if found != schema:
        raise StaleError(
            f"{path} has schema version {found!r}, this program reads {schema}: {again}."
        )
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise CorruptFileError(f"{path} has a bad field {faults(error)[0]}: {again}.") from error


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Gives a temporary path beside `path`, and renames it to `path` once it is written.

    Signals wait until then, so that none leaves a temporary file.

    Raises:
        FalseBeaconError: If the disk is full or the place is not writable; what `path` held stays.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with held_back():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            os.replace(temporary, path)
        except OSError as error:
            raise FalseBeaconError(
                f"cannot write {path}: {error.strerror or error}. What was written before is"
                " intact; make room, or choose another place, and try again."
            ) from error
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Replaces a text file at once."""
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
