"""Frozen records, and records in JSON files, which are refused if damaged or of another version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from minecraft_tasks.core.errors import CorruptFileError, StaleError
from minecraft_tasks.core.files import write_text

SchemaVersion = Annotated[int, Field(alias="schema")]
"""Version of a file's format, ``schema`` in the JSON."""

Positive = Annotated[int, Field(ge=1)]
Natural = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(gt=0)]

_KINDS = {
    "tuple": "a list",
    "dict": "a table",
    "model": "a table",
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
}


class Record(BaseModel):
    """Base of all configuration: frozen, and closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class VersionedRecord(Record):
    """Base of the records in JSON files; the default of `schema_version` is the one it reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    REMEDY: ClassVar[str] = "evaluate again"
    """Way to replace a file that cannot be read, for errors."""

    schema_version: SchemaVersion

    def write(self, path: Path) -> None:
        """Writes the record as indented JSON, whole or not at all."""
        write_text(path, self.model_dump_json(indent=2, by_alias=True) + "\n")

    @classmethod
    def read(cls, path: Path, remedy: str = "") -> Self:
        """Reads a record that `write` wrote; `remedy` replaces `REMEDY` in errors.

        Raises:
            CorruptFileError: If the file is missing, is no JSON, or lacks fields.
            StaleError: If it is of another schema version.
        """
        return cls.parse(read_json(path, remedy or cls.REMEDY), path, remedy)

    @classmethod
    def parse(cls, document: dict[str, Any], path: Path, remedy: str = "") -> Self:
        """Makes the record of a document from a file; arguments and errors as in `read`."""
        remedy = remedy or cls.REMEDY
        field = cls.model_fields["schema_version"]
        try:
            document = cls.upgraded(document)
            version = document[field.alias or ""]
            if version != field.default:
                raise StaleError(
                    f"{path} has schema version {version!r}, this program reads {field.default}:"
                    f" {remedy}."
                )
            return cls.model_validate(document)
        except ValidationError as error:
            raise CorruptFileError(
                f"{path} has a bad field: {faults(error)[0]}: {remedy}."
            ) from error
        except (KeyError, TypeError) as error:
            raise CorruptFileError(f"{path} lacks the field {error}: {remedy}.") from error

    @classmethod
    def upgraded(cls, document: dict[str, Any]) -> dict[str, Any]:
        """A document of an earlier version as one of this version, where that can be done."""
        return document


def read_json(path: Path, remedy: str) -> dict[str, Any]:
    """Reads a JSON file that holds an object; raises `CorruptFileError` where it does not."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CorruptFileError(f"{path} is missing: {remedy}.") from error
    except (OSError, ValueError) as error:
        raise CorruptFileError(f"{path} cannot be read as JSON ({error}): {remedy}.") from error
    if not isinstance(document, dict):
        kind = type(document).__name__
        raise CorruptFileError(f"{path} holds a JSON {kind}, not an object: {remedy}.")
    return document


def faults(error: ValidationError, place: str = "") -> list[str]:
    """Each bad field of a record, as ``field = value: must be ...``.

    Args:
        error: The error that pydantic raised.
        place: Place of the record in its file, put before each field's name.
    """
    found = []
    for fault in error.errors(include_url=False, include_context=False):
        parts = [str(part) for part in fault["loc"] if part not in ("values", "[key]")]
        where = ".".join([place, *parts] if place else parts)
        if fault["type"] == "missing":
            found.append(f"{where} is missing")
        elif not parts:
            found.append(": ".join(filter(None, [where, _why(fault)])))
        else:
            given = repr(fault["input"])
            given = given if len(given) < 80 else f"{given[:76]} ..."
            found.append(f"{where} = {given}: {_why(fault)}")
    return found


def _why(fault: Any) -> str:
    kind, _, rest = fault["type"].partition("_")
    if kind in _KINDS and rest in ("type", "parsing", "from_float", "attributes_type"):
        return f"must be {_KINDS[kind]}"
    if fault["type"] == "extra_forbidden":
        return "there is no such key"
    return fault["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
