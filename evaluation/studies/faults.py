"""Everything that is wrong with a file, in one error and in the user's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError, lookup

_WORDS = {
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
}


def unknown(place: str, kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """An unknown name with its place and the nearest known one, or all of them."""
    try:
        lookup(kind, name, dict.fromkeys(known))
    except UnknownNameError as error:
        text = str(error)
        near = text if "Did you mean" not in text else text.partition(" Known:")[0]
        return UnknownNameError(f"{place}: {near}" if place else near)
    raise AssertionError(f"{name} is known")


def worded(
    error: ValidationError, model: type[BaseModel], place: str = ""
) -> list[FalseBeaconError]:
    """The faults that pydantic found, each with its place: ``base.steps = -5: must be ...``."""
    found: list[FalseBeaconError] = []
    for fault in error.errors(include_url=False):
        where = ".".join(str(part) for part in ([place] if place else []) + [*fault["loc"]])
        if fault["type"] == "extra_forbidden" and len(fault["loc"]) == 1:
            found.append(unknown(place, "key", str(fault["loc"][0]), model.model_fields))
        else:
            found.append(FalseBeaconError(f"{where} = {fault['input']!r}: {_why(fault)}"))
    return found


def _why(fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such key"
    text = str(fault["msg"]).removeprefix("Value error, ")
    return _WORDS.get(fault["type"], text.replace("Input should be", "must be"))


def refusal(path: Path, faults: Sequence[FalseBeaconError]) -> FalseBeaconError:
    """One error that names every fault of a file, of the faults' own kind where they share one."""
    kinds = {type(fault) for fault in faults}
    kind = kinds.pop() if len(kinds) == 1 else FalseBeaconError
    texts = list(dict.fromkeys(str(fault).rstrip(".") for fault in faults))
    if len(texts) == 1:
        return kind(f"{path}: {texts[0]}.")
    return kind(f"{path} has {len(texts)} faults:" + "".join(f"\n  {text}." for text in texts))
