"""MineRL's environment, with exceptions for its silent failures.

Imported only after `shims.install`.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
from minerl.env import malmo
from minerl.env._singleagent import _SingleAgentEnv

from .lint import complaints
from .spec import HELD_KEYS, MISSION_GRID, LevelSpec

POSE = ("xpos", "ypos", "zpos", "yaw", "pitch")
"""Keys of the body's pose in the game's messages."""

_NAMES = re.compile(rf'("{MISSION_GRID}":\s*)\[[^\]]*\]')

SPAWN_TOLERANCES = (0.05, 0.05, 0.05, 0.01, 0.01)
"""Blocks and degrees by which a body may miss its spawn; see `POSE`."""


class Broken(Exception):
    """A failure after which the episode is invalid; a new one may be sound."""


class MissionRefused(Exception):
    """A mission that Minecraft would not show as it is, for the `complaints`; nothing was sent."""

    def __init__(self, complaints: list[str]) -> None:
        super().__init__("; ".join(complaints[:5]))
        self.complaints = complaints


class LevelEnv(_SingleAgentEnv):
    """One Minecraft that shows levels.

    Args:
        instance: A running Minecraft.
        sdist: The unpacked MineRL, for its schemas.
        mission: The first mission.
    """

    def __init__(
        self, instance: malmo.MinecraftInstance, sdist: Path, mission: dict[str, Any]
    ) -> None:
        self._schemas = sdist / "minerl" / "Malmo" / "Schemas"
        self._message: dict[str, Any] = {}
        self._aim = 0.0
        self._compared = False
        super().__init__(LevelSpec(mission), [instance])

    @property
    def mission(self) -> dict[str, Any]:
        """The current mission, or that of the next reset."""
        return self.task.mission

    def check(self, mission: dict[str, Any]) -> list[str]:
        """Errors in a mission, by the XML that a reset would send."""
        self.task.mission = mission
        self.task.reset()
        try:
            self._setup_agent_xmls("check")
        except MissionRefused as refused:
            return refused.complaints
        return []

    def begin(self, mission: dict[str, Any]) -> dict[str, Any]:
        """Shows a level.

        Returns:
            The first ``frame`` uint8[H, W, 3], and the body's ``pose``.

        Raises:
            MissionRefused: If Minecraft would not show the mission.
            Broken: If the game's answer is not a frame and a pose.
        """
        self.task.mission = mission
        self._compared = False
        # MineRL remembers one seed for one episode.
        self.seed(mission["seed"], seed_spaces=False)
        seen = self.reset()
        self._aim = float(mission["spawn"][3])
        for command in mission["commands"]:
            seen = self._tick(self._held(()), 0.0, command)
        for _ in range(mission["warm_up"]):
            seen = self._tick(self._held(()), 0.0)
        self._compare(seen)
        self._compared = True
        self._stands()
        return {"frame": self._frame(seen), "pose": self._pose()}

    def act(self, keys: list[str], turn: float, ticks: int) -> dict[str, Any]:
        """Holds keys for some ticks, the turn spread evenly over them.

        Args:
            keys: Of `spec.HELD_KEYS`.
            turn: Degrees of yaw, positive to the right.
            ticks: Game ticks.

        Returns:
            The last ``frame`` uint8[H, W, 3], and the ``poses`` after each tick.

        Raises:
            Broken: If the mission ended, or an answer was not a frame and a pose.
        """
        held, poses, seen = self._held(keys), [], {}
        for index in range(ticks):
            target = self._aim + turn * (index + 1) / ticks
            # From the body's yaw, not in equal steps: Minecraft turns in single precision, and
            # the rounding of steps would add up.
            seen = self._tick(held, _nearest(target - float(self._message["yaw"])))
            poses.append(self._pose())
        self._aim = (self._aim + turn + 180.0) % 360.0 - 180.0
        return {"frame": self._frame(seen), "poses": poses}

    def say(self, commands: list[str]) -> dict[str, Any]:
        """Gives console commands, one a tick, and one tick to see the last; returns as `begin`."""
        seen: dict[str, Any] = {}
        for command in (*commands, ""):
            seen = self._tick(self._held(()), 0.0, command)
        return {"frame": self._frame(seen), "pose": self._pose()}

    def _held(self, keys: Any) -> dict[str, Any]:
        # Keys stay pressed in the game until they are released: all are sent each time.
        return {key: int(key in keys) for key in HELD_KEYS}

    def _tick(self, held: dict[str, Any], turn: float, command: str = "") -> dict[str, Any]:
        action = {**held, "camera": [0.0, turn], **({"chat": command} if command else {})}
        seen, _, done, info = self.step(action)
        if "error" in info:
            raise Broken(f"Minecraft did not answer: {info['error']}")
        if done:
            raise Broken("the mission ended by itself")
        return seen

    def _pose(self) -> dict[str, Any]:
        return {key: float(self._message[key]) for key in POSE}

    def _frame(self, seen: dict[str, Any]) -> np.ndarray:
        return np.ascontiguousarray(seen["pov"], np.uint8)

    def _stands(self) -> None:
        """Raises `Broken` where the body is not at its spawn."""
        pose, spawn = self._pose(), self.mission["spawn"]
        for key, value, tolerance in zip(POSE, spawn, SPAWN_TOLERANCES, strict=True):
            away = pose[key] - value
            if abs(_nearest(away) if key == "yaw" else away) > tolerance:
                raise Broken(f"the body's {key} is {pose[key]:g} instead of {value:g}")

    def _compare(self, seen: dict[str, Any]) -> None:
        """Raises `Broken` where Minecraft's blocks differ from the drawing."""
        wanted = self.mission["names"]
        if not wanted:
            return
        found = seen[MISSION_GRID]
        if len(found) != len(wanted):
            raise Broken(f"Minecraft tells {len(found)} blocks of {len(wanted)}")
        wrong = [i for i, pair in enumerate(zip(found, wanted, strict=True)) if pair[0] != pair[1]]
        if wrong:
            first = wrong[0]
            raise Broken(
                f"{len(wrong)} of {len(wanted)} blocks were not drawn as they should be; the first"
                f" at {self._cell(first)} is {found[first]}, not {wanted[first]}"
            )

    def _cell(self, index: int) -> tuple[int, int, int]:
        low, high = self.mission["grid"]
        wide, deep = high[0] - low[0] + 1, high[2] - low[2] + 1
        return (
            low[0] + index % wide, low[1] + index // (wide * deep), low[2] + index // wide % deep
        )  # fmt: skip

    # What follows replaces parts of MineRL's own.

    def _process_observation(self, actor_name: str, pov: bytes, info: str) -> tuple[dict, dict]:
        mission = self.mission
        size = mission["width"] * mission["height"] * 3
        if pov is None or len(pov) != size:
            raise Broken(f"a frame of {len(pov or b'')} bytes instead of {size}")
        if self._compared:
            # Every tick repeats five thousand names.
            info = _NAMES.sub(r"\1[]", info)
        message = json.loads(info) if info else {}
        missing = [key for key in POSE if not _finite(message.get(key))]
        if missing:
            raise Broken(f"Minecraft's message holds no {', '.join(missing)}")
        self._message = message
        return super()._process_observation(actor_name, pov, info)

    def _setup_agent_xmls(self, ep_uid: str) -> list[Any]:
        # Checked before it is sent: MineRL would send a refused mission again for ten minutes.
        made = super()._setup_agent_xmls(ep_uid)
        errors = complaints(made[0], self._schemas)
        if errors:
            raise MissionRefused(errors)
        return made

    def _get_new_instance(self, port: int | None = None, instance_id: Any = None) -> Any:
        # MineRL would start a second Minecraft where the first one's port is dead.
        raise Broken("Minecraft's port is dead")


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _nearest(turn: float) -> float:
    """The same turn by at most half a circle."""
    return turn - 360.0 * round(turn / 360.0) if abs(turn) > 180.0 else turn
