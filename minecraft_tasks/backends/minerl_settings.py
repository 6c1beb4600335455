"""Settings of Minecraft (workers, ports, waits), and the tally of a run in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from minecraft_tasks.core.records import Record

BackendName = Literal["voxel", "minerl"]
"""Names of engines."""

Port = Annotated[int, Field(ge=1024, le=65535)]


class MineRLSettings(Record):
    """The minerl backend.

    Attributes:
        workers: Minecrafts that run at a time, each with a level of its own.
        attach: Ports of running Minecrafts, one for each worker; none starts them here.
        first_port: First port for Minecrafts that are started here; they take free ones from it on.
        restart_every: Episodes after which a Minecraft started here is restarted; it leaks.
        launch_seconds: Longest wait for a Minecraft to start.
        reset_seconds: Longest wait for a level to stand.
        step_seconds: Longest wait for one decision.
        attempts: Attempts to show a level, each in a new Minecraft.
        beams: Hide a working beacon beneath every beacon, so that its beam is visible.
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
            raise ValueError("a port is named twice, and two agents would move one body")
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
    """Work and time of all Minecrafts together.

    Attributes:
        decisions: Decisions carried out.
        deciding_seconds: Their wall time.
        levels: Levels that were placed.
        placing_seconds: Their wall time, starts of Minecraft included.
        waited_deciding: Seconds of `deciding_seconds` that Minecraft took to answer, summed.
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
