"""MineRL's environment with its silent failures made loud.

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
"""Keys without which the game's message says nothing about where the body is."""


_NAMES = re.compile(rf'("{MISSION_GRID}":\s*)\[[^\]]*\]')

SPAWN_TOLERANCES = (0.05, 0.05, 0.05, 0.01, 0.01)
"""Blocks and degrees by which a body may stand elsewhere than it was put; see `POSE`."""


class Broken(Exception):
    """The episode cannot be trusted from here on; a new one may be."""


class MissionRefused(Exception):
    """Minecraft would not show the mission as it is; nothing was sent.

    Attributes:
        complaints: What is wrong with it.
    """

    def __init__(self, complaints: list[str]) -> None:
        super().__init__("; ".join(complaints[:5]))
        self.complaints = complaints


class LevelEnv(_SingleAgentEnv):
    """One Minecraft that shows levels.

    Args:
        instance: A Minecraft that runs already.
        sdist: The unpacked MineRL, for its schemas.
        mission: The first mission.
    """

    def __init__(
        self, instance: malmo.MinecraftInstance, sdist: Path, mission: dict[str, Any]
    ) -> None:
        self._schemas = sdist / "minerl" / "Malmo" / "Schemas"
        self._said: dict[str, Any] = {}
        self._aim = 0.0
        self._compared = False
        super().__init__(LevelSpec(mission), [instance])

    @property
    def mission(self) -> dict[str, Any]:
        """What is shown, or will be at the next reset."""
        return self.task.mission

    def check(self, mission: dict[str, Any]) -> list[str]:
        """What Minecraft would not take of a mission, by the XML that a reset would send."""
        self.task.mission = mission
        self.task.reset()
        try:
            self._setup_agent_xmls("check")
        except MissionRefused as refused:
            return refused.complaints
        return []

    def begin(self, mission: dict[str, Any]) -> tuple[np.ndarray, dict[str, Any]]:
        """Shows a level.

        Returns:
            The first frame uint8[H, W, 3], and what the game says.

        Raises:
            Refused: If the mission is none that Minecraft would show.
            Broken: If the game answers with something else than a frame and a pose.
        """
        self.task.mission = mission
        self._compared = False
        # One seed for one episode is all that MineRL remembers.
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
        return self._frame(seen), self._pose()

    def act(self, keys: list[str], turn: float, ticks: int) -> tuple[np.ndarray, list[dict]]:
        """Holds keys for some ticks, the turn spread evenly over them.

        Args:
            keys: Of `spec.HELD_KEYS`.
            turn: Degrees of yaw, positive to the right.
            ticks: Game ticks.

        Returns:
            The last frame uint8[H, W, 3], and what the game said after each tick.

        Raises:
            Broken: If the mission ended, or an answer was no frame and pose.
        """
        held, poses, seen = self._held(keys), [], {}
        for index in range(ticks):
            target = self._aim + turn * (index + 1) / ticks
            # From where the body looks, not by the same step each: Minecraft turns in single
            # precision, and steps would add up their rounding.
            seen = self._tick(held, _nearest(target - float(self._said["yaw"])))
            poses.append(self._pose())
        self._aim = (self._aim + turn + 180.0) % 360.0 - 180.0
        return self._frame(seen), poses

    def say(self, commands: list[str]) -> tuple[np.ndarray, dict[str, Any]]:
        """Gives commands to the game's console, one a tick, and lets a tick pass.

        What a command does is seen a tick later.

        Returns:
            As `begin`.
        """
        seen: dict[str, Any] = {}
        for command in (*commands, ""):
            seen = self._tick(self._held(()), 0.0, command)
        return self._frame(seen), self._pose()

    def _held(self, keys: Any) -> dict[str, Any]:
        # Keys stay pressed in the game until it is told otherwise: all are sent each time.
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
        return {key: float(self._said[key]) for key in POSE}

    def _frame(self, seen: dict[str, Any]) -> np.ndarray:
        return np.ascontiguousarray(seen["pov"])

    def _stands(self) -> None:
        """Raises where the body is not where it was to be put."""
        said, wanted = self._pose(), self.mission["spawn"]
        for key, value, tolerance in zip(POSE, wanted, SPAWN_TOLERANCES, strict=True):
            away = said[key] - value
            if abs(_nearest(away) if key == "yaw" else away) > tolerance:
                raise Broken(f"the body's {key} is {said[key]:g} instead of {value:g}")

    def _compare(self, seen: dict[str, Any]) -> None:
        """Raises where Minecraft holds other blocks than were to be drawn."""
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
            # Five thousand names with every tick are of use once.
            info = _NAMES.sub(r"\1[]", info)
        said = json.loads(info) if info else {}
        lost = [key for key in POSE if not _finite(said.get(key))]
        if lost:
            raise Broken(f"Minecraft's message holds no {', '.join(lost)}")
        self._said = said
        return super()._process_observation(actor_name, pov, info)

    def _setup_agent_xmls(self, ep_uid: str) -> list[Any]:
        # Called before anything is asked of Minecraft. Sent, a mission that it does not take would
        # be refused once a second for ten minutes.
        made = super()._setup_agent_xmls(ep_uid)
        said = complaints(made[0], self._schemas)
        if said:
            raise MissionRefused(said)
        return made

    def _get_new_instance(self, port: int | None = None, instance_id: Any = None) -> Any:
        # MineRL would start a second Minecraft where the first one's port is dead.
        raise Broken("Minecraft's port is dead")


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _nearest(turn: float) -> float:
    """The same turn by less than half a circle."""
    return turn - 360.0 * round(turn / 360.0) if abs(turn) > 180.0 else turn
