"""One mission as it is played: a world, a body, and the two ticks that move them.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from tests.standin import observed
from tests.standin.chat import say
from tests.standin.controls import Controls
from tests.standin.drawing import draw
from tests.standin.flat import layers
from tests.standin.ground import World
from tests.standin.log import Log
from tests.standin.mission import Mission
from tests.standin.view import View

TICK = 50
"""Milliseconds."""


class Play:
    """A mission from its first tick to its last.

    Attributes:
        world: The blocks.
        view: The engine's window on them, and the body.
        controls: Keys and gaze.
        ticks: Ticks of the client since the mission began.
    """

    def __init__(self, mission: Mission, log: Log, until: int | None = None) -> None:
        """Draws the world and puts the body into it.

        Args:
            mission: What is played.
            log: Where the mission is told of.
            until: After how many elements the drawing ends by a fault.

        Raises:
            PlacementError: If the ground cannot be shown.
            FalseBeaconError: If the world is too tall for the engine.
        """
        self._mission = mission
        self._log = log
        self.world = World(layers(mission.generator))
        for elements in mission.drawings:
            draw(self.world, elements, log, until)
        # Without a placement Minecraft chooses; this is a choice.
        start = mission.placement or (0.5, self.world.top + 1.0, 0.5, 0.0, 0.0)
        self.view = View(self.world, start[:3], mission.time)
        self.controls = Controls(start[3], start[4], mission.handlers, log)
        self.ticks = 0
        self._grids: dict[str, list[str]] = {}
        self._grids_of: object = None

    @property
    def over(self) -> bool:
        """Whether the server's time is up."""
        limit = self._mission.limit
        return limit is not None and self.ticks * TICK >= limit

    def client_tick(self, commands: deque[str]) -> None:
        """What the game's client does in a tick: it obeys, then the body moves."""
        self.view.update()
        self.controls.obey(commands)
        self.view.tick(self.controls)
        self.ticks += 1

    def server_tick(self) -> None:
        """What the game's server does: it reads the chat and answers for the grids.

        The client sees what came of it in its next tick.
        """
        for message in self.controls.said:
            say(self.world, message, self._log)
        self.controls.said.clear()
        self._look_around()

    def _look_around(self) -> None:
        feet = self.view.position
        still = all(grid.absolute for grid in self._mission.grids)
        state = (self.world.changes, None if still else feet)
        if self._mission.grids and state != self._grids_of:
            self._grids_of = state
            self._grids = {
                grid.name: observed.names(self.world, grid, feet) for grid in self._mission.grids
            }

    def frame(self) -> bytes:
        """What the body sees, as the client is sent it."""
        return self.view.frame(self.controls, self._mission.height, self._mission.width)

    def info(self) -> dict[str, Any]:
        """What the mission's handlers report."""
        mission, info = self._mission, {}
        if "ObservationFromDamage" in mission.handlers:
            info |= observed.damage()
        if "ObservationFromFullStats" in mission.handlers:
            clock = mission.time + self.ticks * mission.passes
            info |= observed.full_stats(
                mission.agent, self.world, self.view.position, self.controls, clock, self.ticks
            )
        return info | self._grids
