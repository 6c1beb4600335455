"""Stacks of wrappers: named specs with arguments, as the command line and files hold them.

This module only describes; `wrappers.apply` puts a stack around an environment, and
`policies.agents` around an agent. Reading a run therefore loads no engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, RootModel, ValidationError, model_validator

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.records import Record


class BlindSpec(Record):
    """Every frame is one grey."""

    name: Literal["blind"] = "blind"


class GreySpec(Record):
    """Frames lose their colours, by gymnasium's weights, and keep one channel."""

    name: Literal["grey"] = "grey"


class ResizeSpec(Record):
    """Frames are scaled to a square.

    Attributes:
        size: Pixels on a side; a multiple of 4, which the encoder asks for.
    """

    name: Literal["resize"] = "resize"
    size: int = Field(ge=36, le=512, multiple_of=4)


class FrameStackSpec(Record):
    """The last frames lie behind each other as channels, the oldest first.

    Attributes:
        n: Frames; where an episode is younger its first one is repeated.
    """

    name: Literal["frame_stack"] = "frame_stack"
    n: int = Field(4, ge=2, le=8)


class ActionRepeatSpec(Record):
    """Each action is played several times, or until the episode ends.

    Attributes:
        repeat: Decisions of the environment for each of the agent.
    """

    name: Literal["action_repeat"] = "action_repeat"
    repeat: int = Field(2, ge=2, le=16)


class StickyActionsSpec(Record):
    """Now and then the environment plays the action before once more (Machado et al. 2018).

    Attributes:
        probability: That it does, for each decision but the first of an episode.
    """

    name: Literal["sticky_actions"] = "sticky_actions"
    probability: float = Field(0.25, gt=0, lt=1)


WrapperSpec = Annotated[
    BlindSpec | GreySpec | ResizeSpec | FrameStackSpec | ActionRepeatSpec | StickyActionsSpec,
    Field(discriminator="name"),
]
SPECS: dict[str, type[Record]] = {
    str(spec.model_fields["name"].default): spec
    for spec in (
        BlindSpec, GreySpec, ResizeSpec, FrameStackSpec, ActionRepeatSpec, StickyActionsSpec
    )
}  # fmt: skip
"""Every registered wrapper, by name."""


class Stack(RootModel[tuple[WrapperSpec, ...]]):
    """Wrappers from the environment outwards: what the first one makes, the second one gets.

    It is written ``action_repeat:repeat=2,grey,frame_stack:n=4`` on a command line, and as a list
    of objects in JSON, ``[{"name": "action_repeat", "repeat": 2}, ...]``.
    """

    model_config = ConfigDict(frozen=True)

    root: tuple[WrapperSpec, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        return _parsed(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _repeat_first(self) -> Stack:
        if any(isinstance(spec, ActionRepeatSpec) for spec in self.root[1:]):
            raise ValueError("action_repeat must be the first wrapper, next to the environment")
        return self

    @classmethod
    def parse(cls, text: str) -> Stack:
        """A stack as it is written on the command line; empty text for none.

        Raises:
            FalseBeaconError: If it names an unknown wrapper, or gives one a bad argument.
        """
        try:
            return cls.model_validate(text)
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(str(part) for part in fault["loc"][1:])
            said = f"{where}: {fault['msg']}" if where else fault["msg"]
            raise FalseBeaconError(f"wrappers {text!r}: {said}.") from None

    def __iter__(self) -> Iterator[Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return iter(self.root)

    def __len__(self) -> int:
        return len(self.root)

    def __str__(self) -> str:
        return ",".join(_text(spec) for spec in self.root)


def _parsed(text: str) -> list[dict[str, str]]:
    specs = []
    for part in filter(None, text.split(",")):
        name, *arguments = part.strip().split(":")
        if name not in SPECS:
            known = ", ".join(usage(spec) for spec in SPECS.values())
            raise ValueError(f"no wrapper {name!r}; known: {known}")
        specs.append({"name": name, **dict(map(_pair, arguments))})
    return specs


def _pair(argument: str) -> tuple[str, str]:
    key, equals, value = argument.partition("=")
    if not equals:
        raise ValueError(f"{argument!r} is no key=value")
    return key, value


def _text(spec: Record) -> str:
    values = spec.model_dump()
    return ":".join([values.pop("name"), *(f"{key}={value}" for key, value in values.items())])


def usage(spec: type[Record]) -> str:
    """How a wrapper is written, such as ``resize:size=SIZE``."""
    fields = {name: field for name, field in spec.model_fields.items() if name != "name"}
    shown = [
        f"{name}={name.upper() if field.is_required() else field.default}"
        for name, field in fields.items()
    ]
    return ":".join([str(spec.model_fields["name"].default), *shown])
