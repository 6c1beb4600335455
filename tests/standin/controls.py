"""Keys, camera and chat, as a mission's commands move them.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

import numpy as np

from tests.standin.log import Log

KEYS = ("forward", "back", "left", "right", "jump")
"""Keys that move a body here; Malmo's others are heard and do nothing."""

_FULL_TURN = np.float32(360.0)
_STEEPEST = np.float32(90.0)


class Controls:
    """What is pressed and where the head looks.

    Attributes:
        pressed: Key -> whether it is held; it stays so until it is let go.
        yaw: Degrees, within a turn either way, as the game keeps it.
        pitch: Degrees, positive down.
        said: Messages that the server has not read yet.
    """

    def __init__(self, yaw: float, pitch: float, handlers: Collection[str], log: Log) -> None:
        """Controls of a body that starts with that gaze.

        Args:
            yaw: Degrees.
            pitch: Degrees.
            handlers: Tags of the mission's handlers; a command needs its handler.
            log: Where commands are told that make no sense.
        """
        self.pressed = dict.fromkeys(KEYS, False)
        self.yaw = np.float32(0.0)
        self.pitch = np.float32(0.0)
        self.said: list[str] = []
        self._handlers = handlers
        self._log = log
        self._look(np.float32(yaw), np.float32(pitch))

    def obey(self, commands: deque[str]) -> None:
        """Carries out what is in the queue.

        Malmo takes an empty command for an empty queue: what comes after it is left for later.
        """
        while commands:
            command = commands.popleft()
            if not command:
                return
            verb, _, parameter = command.partition(" ")
            self._obey(verb.lower(), parameter)

    def _obey(self, verb: str, parameter: str) -> None:
        if verb == "camera" and "CameraCommands" in self._handlers:
            self._turn(parameter)
        elif verb == "chat" and "ChatCommands" in self._handlers:
            self.said.append(parameter)
        elif verb in self.pressed and "HumanLevelCommands" in self._handlers:
            if parameter in ("0", "1"):
                self.pressed[verb] = parameter == "1"
            else:
                self._log(f"ignored: {verb} {parameter}")

    def _turn(self, parameter: str) -> None:
        try:
            pitch, yaw = (np.float32(word) for word in parameter.split(" ")[:2])
        except ValueError as error:
            self._log(f"ERROR: Malformed parameter string ({parameter}) - {error}")
            return
        self._look(self.yaw + yaw, self.pitch + pitch)

    def _look(self, yaw: np.float32, pitch: np.float32) -> None:
        """As `Entity.setPositionAndRotation`: the remainder keeps the sign of the yaw."""
        self.yaw = np.fmod(yaw, _FULL_TURN)
        self.pitch = np.clip(pitch, -_STEEPEST, _STEEPEST)

    @property
    def ahead(self) -> int:
        """1 forward, -1 back, 0 neither."""
        return self.pressed["forward"] - self.pressed["back"]

    @property
    def aside(self) -> int:
        """1 left, -1 right, 0 neither."""
        return self.pressed["left"] - self.pressed["right"]
