"""How Minecraft is run: how many, on which ports, how long to wait for it; and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from minecraft_tasks.core.records import Record

BackendName = Literal["voxel", "minerl"]
"""Engines that an option can name."""

Port = Annotated[int, Field(ge=1024, le=65535)]


class MineRLSettings(Record):
    """The minerl backend.

    Attributes:
        workers: Minecrafts that run at a time, each with a level of its own.
        attach: Ports of Minecrafts that run already, one for each worker; none starts them here.
        first_port: Minecrafts that are started here take this port and those after it that are
            free.
        restart_every: Episodes after which a Minecraft that was started here is started anew; it
            leaks.
        launch_seconds: Longest wait for a Minecraft to start.
        reset_seconds: Longest wait for a level to stand.
        step_seconds: Longest wait for one decision.
        attempts: How often a level is tried to be shown, each time by a new Minecraft.
        beams: Hide a working beacon beneath every beacon, so that its beam is seen
            (`backends.minerl.beams`).
        compare: Read the names of all drawn blocks back with every level, and compare them.
    """

    workers: Annotated[int, Field(ge=1, le=64)] = 1
    attach: tuple[Port, ...] = ()
    first_port: Port = 10000
    restart_every: Annotated[int, Field(ge=1)] = 200
    launch_seconds: Annotated[float, Field(gt=0)] = 600.0
    reset_seconds: Annotated[float, Field(gt=0)] = 180.0
    step_seconds: Annotated[float, Field(gt=0)] = 60.0
    attempts: Annotated[int, Field(ge=1)] = 3
    beams: bool = True
    compare: bool = True

    @field_validator("attach")
    @classmethod
    def _once(cls, ports: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(ports)) != len(ports):
            raise ValueError("a port is named twice, and two would move one body")
        return ports

    @model_validator(mode="after")
    def _as_many(self) -> Self:
        if self.attach and self.workers not in (1, len(self.attach)):
            raise ValueError(
                f"{self.workers} workers and {len(self.attach)} ports: name as many ports"
            )
        return self

    @property
    def slots(self) -> int:
        """Levels that can be shown at a time."""
        return len(self.attach) or self.workers


@dataclass
class EngineTally:
    """How much was done, and how long it took, all Minecrafts together.

    Attributes:
        decisions: Decisions carried out.
        deciding_seconds: Wall time of that.
        levels: Levels that were to be shown.
        placing_seconds: Wall time until they stood, starts of Minecraft included.
        waited_deciding: Of `deciding_seconds`, those that Minecraft took to answer, all summed.
        waited_placing: Likewise of `placing_seconds`.
    """

    decisions: int = 0
    deciding_seconds: float = 0.0
    levels: int = 0
    placing_seconds: float = 0.0
    waited_deciding: float = 0.0
    waited_placing: float = 0.0

    @property
    def rate(self) -> float:
        """Decisions a second."""
        return self.decisions / max(self.deciding_seconds, 1e-9)
