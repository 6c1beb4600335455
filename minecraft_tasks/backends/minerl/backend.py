"""`MineRLBackend`: the `base.Backend` protocol over real Minecraft, one for each level."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic
from typing import Any

import numpy as np

from minecraft_tasks.actions import ActionTable
from minecraft_tasks.backends.base import Bodies
from minecraft_tasks.backends.minerl.connection import Trouble
from minecraft_tasks.backends.minerl.machine.home import prepared
from minecraft_tasks.backends.minerl.machine.leftovers import sweep
from minecraft_tasks.backends.minerl.minecraft import Minecraft, NoLevel
from minecraft_tasks.backends.minerl.mission.drawing import setblock
from minecraft_tasks.backends.minerl.mission.mission import LIFT, mission, position, refuse
from minecraft_tasks.backends.minerl.motion import carried, held, wrapped
from minecraft_tasks.backends.minerl_settings import EngineTally, MineRLSettings
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.physics.motion import STANDING_FALL
from minecraft_tasks.spec import TaskSpec

log = logging.getLogger(__name__)

YAW_TOLERANCE = 0.01
"""Degrees by which a yaw may be off: Minecraft turns in single precision."""


class MineRLBackend:
    """N Minecrafts, each with one level; the attributes are those of `base.Backend`.

    Minecraft does not tell velocities: `velocity` is estimated from the last tick's movement, and
    `on_ground` from its vertical part. Bodies cannot be put back.

    Args:
        num_envs: N.
        shape: Blocks along x, y and z.
        size: Height and width of a frame in pixels.
        settings: How Minecraft is run.

    Attributes:
        tally: Decisions, levels, and their wall time.

    Raises:
        FalseBeaconError: If MineRL was not prepared, or there are fewer Minecrafts than levels.
    """

    resumable = False

    def __init__(
        self,
        num_envs: int,
        shape: tuple[int, int, int],
        size: tuple[int, int] = (64, 64),
        settings: MineRLSettings | None = None,
    ) -> None:
        self.settings = settings or MineRLSettings()
        given = self.settings.slots
        if num_envs > given:
            raise FalseBeaconError(
                f"{num_envs} levels at a time need as many Minecrafts, and {given} are there:"
                f" ask for {num_envs} workers, or name as many ports."
            )
        home = prepared()
        for folder in sweep():
            log.warning("removed what an earlier run had left in %s", folder)
        self.num_envs, self._size = num_envs, size
        self._minecrafts = [Minecraft(index, home, self.settings) for index in range(num_envs)]
        self._frames = np.zeros((num_envs, *size, 3), np.uint8)
        self.tally = EngineTally()
        self.faults: dict[int, str] = {}
        self._resting = set(range(num_envs))
        self.blocks = np.zeros((num_envs, *shape), np.uint8)
        self._shown = np.zeros_like(self.blocks)
        self.position = np.zeros((num_envs, 3))
        self.velocity = np.zeros((num_envs, 3))
        self.yaw = np.zeros(num_envs)
        self.pitch = np.zeros(num_envs)
        self.on_ground = np.zeros(num_envs, np.bool_)
        self.time = np.zeros(num_envs, np.int64)
        self._double: VoxelBackend | None = None

    def admit(self, spec: TaskSpec, blocks: np.ndarray) -> None:
        """Refuses levels that Minecraft cannot show; see `base.Backend.admit`."""
        refuse(spec, blocks)

    def place(
        self, slots: np.ndarray, blocks: np.ndarray, spawn: np.ndarray, time: np.ndarray
    ) -> None:
        """Shows levels, each in its slot's Minecraft; see `base.Backend.place`.

        A slot whose level no Minecraft shows is among `faults` afterwards.

        Raises:
            FalseBeaconError: If Minecraft would never show a level, or cannot be started.
        """
        self.blocks[slots], self.time[slots] = blocks, time
        how = (self._size, self.settings.compare, self.settings.beams)
        levels = []
        for row in range(len(slots)):
            seed = self.tally.levels
            levels.append(mission(blocks[row], spawn[row], int(time[row]), seed, *how))
            self.tally.levels += 1
        numbers, began = np.asarray(slots).tolist(), monotonic()
        replies = self._begun(numbers, levels)
        self.tally.placing_seconds += monotonic() - began
        for row, (slot, reply) in enumerate(zip(numbers, replies, strict=True)):
            self._resting.discard(slot)
            if isinstance(reply, NoLevel):
                self.faults[slot] = str(reply)
                continue
            self._frames[slot] = reply["frame"]
            self.faults.pop(slot, None)
            self._shown[slot] = blocks[row]
            self.pitch[slot] = spawn[row, 4]
            self.yaw[slot] = wrapped(spawn[row, 3])
            self.position[slot] = position(reply["pose"])
            self.velocity[slot], self.on_ground[slot] = (0.0, STANDING_FALL, 0.0), True
            self.tally.waited_placing += reply["waited"]

    def rest(self, slots: np.ndarray) -> None:
        """Leaves slots int64[K] alone until a level is placed there."""
        self._resting.update(np.asarray(slots).tolist())

    def _begun(self, slots: list[int], levels: list[dict[str, Any]]) -> list[Any]:
        """Each slot's answer to its level, or the `NoLevel` that it ends in."""

        def begin(slot: int, level: dict[str, Any]) -> Any:
            try:
                return self._minecrafts[slot].begin(level)
            except NoLevel as error:
                log.warning("%s", error)
                return error

        pool = ThreadPoolExecutor(max(len(slots), 1))
        try:
            return list(pool.map(begin, slots, levels))
        except BaseException:
            # Ctrl-C too: the other threads' attempts must end.
            for minecraft in self._minecrafts:
                minecraft.give_up()
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def bodies(self) -> Bodies:
        """Copies of every body's pose and estimated motion."""
        return Bodies(
            self.position.copy(), self.velocity.copy(), self.yaw.copy(), self.pitch.copy(),
            self.on_ground.copy(), np.zeros(self.num_envs, np.int64),
        )  # fmt: skip

    def restore(self, bodies: Bodies) -> None:
        """Raises `FalseBeaconError`: Minecraft cannot restore a body's motion."""
        raise FalseBeaconError("bodies cannot be put back as they were in Minecraft.")

    def refresh(self, slots: np.ndarray) -> None:
        """Puts changed `blocks` of the slots int64[K] into Minecraft, by its console.

        A tick passes for each changed block and one more, in which no key is held.
        """
        for slot in np.asarray(slots).tolist():
            cells = np.argwhere(self.blocks[slot] != self._shown[slot])
            if not len(cells):
                continue
            commands = [setblock(int(self.blocks[slot][tuple(c)]), tuple(c), LIFT) for c in cells]
            with self._noted(slot):
                reply = self._minecrafts[slot].say(commands)
                self._frames[slot] = reply["frame"]
                self.position[slot] = position(reply["pose"])
            self._shown[slot] = self.blocks[slot]

    def act(self, actions: np.ndarray, table: ActionTable, ticks: int) -> None:
        """One decision of every body: int64[N] rows of `table`, held for `ticks` ticks."""
        turns, began = {}, monotonic()
        for slot in range(self.num_envs):
            action = int(actions[slot])
            with self._noted(slot):
                if slot not in self.faults and slot not in self._resting:
                    keys, turn = held(table, action), float(table.turn[action])
                    self._minecrafts[slot].tell_act(keys, turn, ticks)
                    turns[slot] = turn
        for slot, turn in turns.items():
            with self._noted(slot):
                reply = self._minecrafts[slot].hear_act()
                self._moved(slot, reply["poses"], turn)
                self._frames[slot] = reply["frame"]
                self.tally.decisions += 1
                self.tally.waited_deciding += reply["waited"]
        self.tally.deciding_seconds += monotonic() - began

    def step(self, actions: np.ndarray, table: ActionTable, ticks: int, out: np.ndarray) -> None:
        """`act` and then `frames`."""
        self.act(actions, table, ticks)
        self.frames(out)

    def frames(self, out: np.ndarray, slots: np.ndarray | None = None) -> None:
        """Copies every body's last frame into uint8[N, H, W, 3], or only the rows int64[K]."""
        rows = slice(None) if slots is None else slots
        out[rows] = self._frames[rows]

    def ids(self, out: np.ndarray, slots: np.ndarray | None = None) -> None:
        """Palette ids as the embedded engine draws them; see `base.Backend.ids`."""
        if self._double is None:
            self._double = VoxelBackend(self.num_envs, self.blocks.shape[1:], threads=1)
        double, rows = self._double, np.arange(self.num_envs) if slots is None else slots
        spawn = np.column_stack([self.position, self.yaw, self.pitch])
        double.place(rows, self.blocks[rows], spawn[rows], self.time[rows])
        double.ids(out, slots)

    def close(self) -> None:
        """Ends every Minecraft that was started here, and all workers."""
        for minecraft in self._minecrafts:
            minecraft.close()

    @property
    def restarts(self) -> int:
        """Replacements of a Minecraft after a failure."""
        return sum(minecraft.restarts for minecraft in self._minecrafts)

    @contextmanager
    def _noted(self, slot: int) -> Iterator[None]:
        """Records trouble in a slot as its fault."""
        try:
            yield
        except Trouble as error:
            log.warning("%s", error)
            self.faults[slot] = str(error)

    def _moved(self, slot: int, poses: list[dict[str, Any]], turn: float) -> None:
        """Moves a body through a decision's poses; raises `Trouble` if its yaw is wrong."""
        yaw, seen = wrapped(self.yaw[slot] + turn), poses[-1]["yaw"]
        if abs(wrapped(seen - yaw)) > YAW_TOLERANCE:
            raise Trouble(f"Minecraft {slot} looks along yaw {seen:g} instead of {yaw:g}")
        for pose in poses:
            moved = np.array(position(pose)) - self.position[slot]
            motion = carried(moved, bool(self.on_ground[slot]))
            self.velocity[slot], self.on_ground[slot] = motion
            self.position[slot] = position(pose)
        self.yaw[slot] = yaw
