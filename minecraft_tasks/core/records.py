"""Base of every frozen record."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError


class Record(BaseModel):
    """Base of everything that is configuration: frozen, and closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def faults(error: ValidationError, place: str = "") -> list[str]:
    """What a record refused, in one phrase for each bad field.

    Args:
        error: What pydantic raised.
        place: Where the record stands in its file, put before each field's name.
    """
    found = []
    for fault in error.errors(include_url=False, include_context=False):
        parts = [str(part) for part in fault["loc"] if part not in ("values", "[key]")]
        where = ".".join([place, *parts] if place else parts)
        said = fault["msg"].removeprefix("Value error, ").replace("Input should", "should", 1)
        if fault["type"] == "missing":
            found.append(f"{where} is missing")
        elif not parts:
            found.append(": ".join(filter(None, [where, said])))
        else:
            given = repr(fault["input"])
            found.append(f"{where} = {given if len(given) < 80 else given[:76] + ' ...'}: {said}")
    return found
