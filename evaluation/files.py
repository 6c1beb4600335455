"""JSON records that cross rooms, refused when they are damaged or of another version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from minecraft_tasks.errors import CorruptFileError, StaleError
from minecraft_tasks.files import write_text

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
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CorruptFileError(
            f"{path} has a bad field {where!r} ({first['msg']}): {again}."
        ) from error
