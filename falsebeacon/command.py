"""Base of the commands: a frozen record of options, read from the words after the command's name.

A command's module imports no more than its record needs. Heavy modules are imported in `run`, after
names and paths have been checked, so that help and refusals come at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, Self

import tyro
from pydantic import BaseModel, ValidationError
from tyro.constructors import (
    ConstructorRegistry,
    PrimitiveConstructorSpec,
    PrimitiveTypeInfo,
    StructConstructorSpec,
    StructTypeInfo,
)

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.records import Record, faults
from wrappers.stack import Stack


class Command(Record):
    """Options of one command."""

    @classmethod
    def parsed(cls, name: str, words: Sequence[str], **options: Any) -> Self:
        """The command with the options that some words give; exits with 2 on bad usage.

        Nested records, such as the options of Minecraft, stand beside the command's own options.
        """
        config, prog = (tyro.conf.OmitArgPrefixes,), f"falsebeacon {name}"
        return tyro.cli(cls, prog=prog, args=words, registry=_RULES, config=config, **options)

    def run(self) -> None:
        """Carries the command out, and prints the result."""
        raise NotImplementedError


_RULES = ConstructorRegistry()
_wording: list[type] = []


@_RULES.struct_rule
def _record(info: StructTypeInfo) -> StructConstructorSpec | None:
    """Records as tyro makes them, with errors in the words of `faults`."""
    record = isinstance(info.type, type) and issubclass(info.type, BaseModel)
    if not record or info.type in _wording:
        return None
    _wording.append(info.type)
    try:
        usual = ConstructorRegistry.get_struct_spec(info)
    finally:
        _wording.pop()
    assert isinstance(usual, StructConstructorSpec)

    @wraps(usual.instantiate, updated=())
    def make(**values: Any) -> Any:
        try:
            return usual.instantiate(**values)
        except ValidationError as error:
            raise ValueError("; ".join(faults(error))) from None

    return replace(usual, instantiate=make)


@_RULES.primitive_rule
def _path(info: PrimitiveTypeInfo) -> PrimitiveConstructorSpec[Path] | None:
    """Paths, which must not be empty."""
    if info.type is not Path:
        return None
    return PrimitiveConstructorSpec(
        nargs=1,
        metavar="PATH",
        instance_from_str=lambda words: named_path(words[0]),
        is_instance=lambda value: isinstance(value, Path),
        str_from_instance=lambda path: [str(path)],
    )


@_RULES.primitive_rule
def _stack(info: PrimitiveTypeInfo) -> PrimitiveConstructorSpec[Stack] | None:
    """Stacks of wrappers, on one line."""
    if info.type is not Stack:
        return None
    return PrimitiveConstructorSpec(
        nargs=1,
        metavar="NAME[:KEY=VALUE][,NAME...]",
        instance_from_str=lambda words: Stack.parse(words[0]),
        is_instance=lambda value: isinstance(value, Stack),
        str_from_instance=lambda stack: [str(stack)],
    )


def named_path(text: str) -> Path:
    """The path that a word of the command line names; refuses an empty one."""
    if not text:  # pathlib takes it for the current folder.
        raise FalseBeaconError('a path is empty (""): name a file or folder, or . for this one.')
    return Path(text)


def import_tasks(names: Iterable[str]) -> None:
    """Imports the modules of tasks that records name, where the user trusts them."""
    from minecraft_tasks.tasks import task as find_task

    for name in names:
        find_task(name)
