"""Stacks of wrappers: named specs with arguments, as the command line and files hold them.

This module only describes; `wrappers.apply` puts a stack around an environment, and
`policies.agents` around an agent. Reading a run therefore loads no engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import ConfigDict, Field, RootModel, ValidationError, model_validator

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.records import Record, faults


class BlindSpec(Record):
    """Every frame is the same grey one."""

    name: Literal["blind"] = "blind"


class GreySpec(Record):
    """Frames lose their colours, by gymnasium's weights, and keep one channel."""

    name: Literal["grey"] = "grey"


class ResizeSpec(Record):
    """Frames are scaled to `size` by `size` pixels, a multiple of 4 for the encoder."""

    name: Literal["resize"] = "resize"
    size: int = Field(ge=36, le=512, multiple_of=4)


class FrameStackSpec(Record):
    """The last `n` frames are stacked as channels, the oldest first."""

    name: Literal["frame_stack"] = "frame_stack"
    n: int = Field(4, ge=2, le=8)


class ActionRepeatSpec(Record):
    """Each action is played `repeat` times, or until the episode ends."""

    name: Literal["action_repeat"] = "action_repeat"
    repeat: int = Field(2, ge=2, le=16)


class StickyActionsSpec(Record):
    """The environment repeats the action before with a probability (Machado et al. 2018)."""

    name: Literal["sticky_actions"] = "sticky_actions"
    probability: float = Field(0.25, gt=0, lt=1)


WrapperSpec = Annotated[
    BlindSpec | GreySpec | ResizeSpec | FrameStackSpec | ActionRepeatSpec | StickyActionsSpec,
    Field(discriminator="name"),
]
SPECS: dict[str, type[Record]] = {
    spec.model_fields["name"].default: spec for spec in get_args(get_args(WrapperSpec)[0])
}
"""Every registered wrapper, by name."""


class Stack(RootModel[tuple[WrapperSpec, ...]]):
    """Wrappers from the environment outwards: the second one receives the output of the first.

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
    def _fitting(self) -> Stack:
        """Refuses an order in which a wrapper could not read what the one before it makes."""
        names = [spec.name for spec in self.root]
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        if twice:
            raise ValueError(f"{twice[0]} stands twice")
        if "action_repeat" in names[1:]:
            raise ValueError("action_repeat must be the first wrapper, next to the environment")
        stacked = names[names.index("frame_stack") :] if "frame_stack" in names else []
        for name in ("grey", "resize"):
            if name in stacked:
                raise ValueError(f"{name} must stand before frame_stack: it reads single frames")
        return self

    @property
    def repeat(self) -> int:
        """Decisions of the environment for each one of the agent."""
        return next((spec.repeat for spec in self if isinstance(spec, ActionRepeatSpec)), 1)

    @classmethod
    def parse(cls, text: str) -> Stack:
        """A stack as it is written on the command line; empty text for none.

        Raises:
            FalseBeaconError: If it names an unknown wrapper, or gives one a bad argument.
        """
        try:
            return cls.model_validate(text)
        except ValidationError as error:
            raise FalseBeaconError(f"{'; '.join(faults(error, 'wrappers'))}.") from None

    def __iter__(self) -> Iterator[Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return iter(self.root)

    def __len__(self) -> int:
        return len(self.root)

    def __str__(self) -> str:
        return ",".join(
            ":".join([spec.name, *(f"{key}={value}" for key, value in spec if key != "name")])
            for spec in self.root
        )


def _parsed(text: str) -> list[dict[str, str]]:
    specs = []
    for part in filter(None, text.split(",")):
        name, *arguments = part.strip().split(":")
        if name not in SPECS:
            raise ValueError(
                f"no wrapper {name!r}; known: {', '.join(map(_usage, SPECS.values()))}"
            )
        for argument in arguments:
            if "=" not in argument:
                raise ValueError(f"{argument!r} is no key=value")
        specs.append({"name": name, **dict(argument.split("=", 1) for argument in arguments)})
    return specs


def _usage(spec: type[Record]) -> str:
    """How a wrapper is written, such as ``resize:size=SIZE``."""
    name, *arguments = spec.model_fields.items()
    shown = [
        f"{key}={key.upper() if field.is_required() else field.default}" for key, field in arguments
    ]
    return ":".join([name[1].default, *shown])
