"""`VoxelBackend`: the embedded engine behind the `base.Backend` protocol."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from minecraft_tasks.actions import ActionTable
from minecraft_tasks.backends.base import Bodies
from minecraft_tasks.backends.voxel.render.camera import camera
from minecraft_tasks.backends.voxel.render.figures import draw_figures
from minecraft_tasks.backends.voxel.render.level import draw_level
from minecraft_tasks.backends.voxel.render.tilted import draw_tilted
from minecraft_tasks.backends.voxel.scene import light, sky
from minecraft_tasks.backends.voxel.scene.light_cache import Key, LitLevels, key_of
from minecraft_tasks.backends.voxel.scene.scene import (
    Look,
    Scene,
    identity_look,
    one,
    palette_look,
    update_scene,
)
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.parallel import available
from minecraft_tasks.physics import motion
from minecraft_tasks.physics.collision import shapes
from minecraft_tasks.physics.compiled import njit
from minecraft_tasks.physics.threads import Workers
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.worlds.world import TALLEST, sun_direction


@njit(cache=True, nogil=True)
def _draw(slots, scene, look, background, feet, yaw, pitch, out):
    for k in range(slots.shape[0]):
        i = slots[k]
        world = one(scene, i)
        eye = camera(feet[i, 0], feet[i, 1] + motion.EYE, feet[i, 2], yaw[i], pitch[i])
        if eye.dip == 0.0:
            sky.copy(background, out, i)
            draw_level(world, look, eye, draw_figures(world, look, eye, out[i]), out[i])
        else:
            draw_tilted(world, look, eye, draw_figures(world, look, eye, out[i]), out[i])


@njit(cache=True, nogil=True)
def _decide_and_draw(slots, decision, picture):
    motion.decide_all(slots, *decision)
    _draw(slots, *picture)


MOVERS = 256
"""Bodies below which threads do not share their motion: each takes a microsecond."""


@lru_cache(maxsize=4096)
def _sky_at(ticks: int) -> tuple[float, float, float, float]:
    """The sun's x and y, the sky's brightness and the daylight at a time of day."""
    return (*sun_direction(ticks)[:2], light.sky_brightness(ticks), light.daylight(ticks))


class VoxelBackend:
    """N worlds of one shape, N bodies, N frames; every array is public and C-contiguous.

    The attributes are those of `base.Backend`, and `look`, the look of blocks. A change of `blocks`
    outside of `place` needs a `refresh` of its slots.
    """

    resumable = True

    def __init__(
        self,
        num_envs: int,
        shape: tuple[int, int, int],
        figures: int = 0,
        threads: int | None = None,
    ) -> None:
        """N empty worlds.

        Args:
            num_envs: N.
            shape: Blocks along x, y and z.
            figures: Most figures of each world.
            threads: Threads that share the work; by default one for each CPU.

        Raises:
            FalseBeaconError: If the worlds are taller than 64 blocks.
        """
        if shape[1] > TALLEST:
            raise FalseBeaconError(
                f"a world of shape {shape} is {shape[1]} blocks tall; "
                f"the voxel backend holds at most {TALLEST}"
            )
        self.num_envs = num_envs
        self.faults: dict[int, str] = {}
        self._workers = Workers(available() if threads is None else threads)
        self.scene = Scene.empty(num_envs, shape, figures)
        self.blocks = self.scene.blocks
        self.position = np.zeros((num_envs, 3))
        self.velocity = np.zeros((num_envs, 3))
        self.yaw = np.zeros(num_envs)
        self.pitch = np.zeros(num_envs)
        self.on_ground = np.zeros(num_envs, np.bool_)
        self.jump_wait = np.zeros(num_envs, np.int64)
        self.time = np.zeros(num_envs, np.int64)
        self.shapes = shapes()
        self.look = palette_look()
        self._ids = identity_look(self.look)
        self._daylight = np.ones(num_envs)
        self._lit = LitLevels()
        self._backgrounds: dict[tuple[int, int, int], np.ndarray] = {}

    def admit(self, spec: TaskSpec, blocks: np.ndarray) -> None:
        """Accepts every level."""

    def place(
        self, slots: np.ndarray, blocks: np.ndarray, spawn: np.ndarray, time: np.ndarray
    ) -> None:
        """Copies levels into slots, with a standing body at each spawn.

        Levels are not checked here: `check_world` has checked them.

        Args:
            slots: int64[K].
            blocks: uint8[K, X, Y, Z].
            spawn: float64[K, 5] feet x, y, z in blocks; yaw, pitch in degrees.
            time: int64[K] time of day in ticks.
        """
        slots = np.asarray(slots, np.int64)
        self.blocks[slots] = blocks
        self.position[slots] = spawn[:, :3]
        self.velocity[slots] = (0.0, motion.STANDING_FALL, 0.0)
        self.yaw[slots] = (spawn[:, 3] + 180.0) % 360.0 - 180.0
        self.pitch[slots] = spawn[:, 4]
        self.on_ground[slots] = True
        self.jump_wait[slots] = 0
        self.time[slots] = time
        hours = np.array([_sky_at(ticks) for ticks in np.asarray(time).tolist()]).reshape(-1, 4)
        self.scene.sun[slots] = hours[:, :2]
        self.scene.day[slots] = hours[:, 2]
        self._daylight[slots] = hours[:, 3]
        self.scene.figure[slots] = -1
        self._light(slots)

    def rest(self, slots: np.ndarray) -> None:
        """Does nothing: an idle slot costs nothing."""

    def bodies(self) -> Bodies:
        """Copies of every body's pose and motion."""
        return Bodies(*(getattr(self, name).copy() for name in Bodies._fields))

    def restore(self, bodies: Bodies) -> None:
        """Restores bodies in the levels that `place` has put into their slots."""
        for name, values in bodies._asdict().items():
            getattr(self, name)[:] = values

    def _light(self, slots: np.ndarray) -> None:
        """Lights new levels, those in the cache from the cache."""
        new: dict[int, Key] = {}
        for slot in slots.tolist():
            key = key_of(self.blocks[slot], int(self.time[slot]))
            if not self._lit.recall(self.scene, slot, key):
                new[slot] = key
        if new:
            self.refresh(np.array(list(new)))
            for slot, key in new.items():
                self._lit.keep(self.scene, slot, key)

    def stand(self, slot: int, which: int, kind: int, stance: Sequence[float]) -> None:
        """Puts a figure into a world, or moves it.

        Args:
            slot: World.
            which: Index of the figure in its world.
            kind: Index into `figures.FIGURES`, or -1 to remove the figure.
            stance: Feet x, y, z in blocks and yaw in degrees.

        Raises:
            FalseBeaconError: If there is no such figure or kind, or its stance is not finite.
        """
        room, kinds = self.scene.figure.shape[1], len(self.look.part_counts)
        if not (0 <= which < room and -1 <= kind < kinds):
            raise FalseBeaconError(
                f"figure {which} of kind {kind}: there is room for figures 0 to {room - 1} "
                f"of kinds 0 to {kinds - 1}"
            )
        if not np.isfinite(stance).all():
            raise FalseBeaconError(f"figure {which} cannot stand at {tuple(stance)}")
        self.scene.figure[slot, which] = kind
        self.scene.stance[slot, which] = stance

    def refresh(self, slots: np.ndarray) -> None:
        """Updates the scene after a change of `blocks` in the slots int64[K]."""
        slots = np.asarray(slots, np.int64)
        self._workers.share(update_scene, slots, self.scene, self.look, self._daylight)

    def act(self, actions: np.ndarray, table: ActionTable, ticks: int) -> None:
        """One decision of every body: int64[N] rows of `table`, held for `ticks` ticks."""
        slots = np.arange(self.num_envs)
        self._workers.share(
            motion.decide_all, slots, *self._decision(actions, table, ticks), fewest=MOVERS
        )

    def step(self, actions: np.ndarray, table: ActionTable, ticks: int, out: np.ndarray) -> None:
        """`act`, then `frames`, in one pass over the bodies."""
        decision = self._decision(actions, table, ticks)
        picture = self._picture(self.scene, self.look, out)
        self._workers.share(_decide_and_draw, np.arange(self.num_envs), decision, picture)

    def frames(self, out: np.ndarray, slots: np.ndarray | None = None) -> None:
        """Draws the view of every body into uint8[N, H, W, 3], or only of the slots int64[K]."""
        self._render(self.scene, self.look, out, slots)

    def ids(self, out: np.ndarray, slots: np.ndarray | None = None) -> None:
        """Draws ids instead of colours into uint8[N, H, W]: see `base.Backend.ids`."""
        image = np.empty((*out.shape, 3), np.uint8)
        day = np.full_like(self.scene.day, 256)
        self._render(self.scene._replace(day=day), self._ids, image, slots)
        rows = slice(None) if slots is None else slots
        out[rows] = image[rows, ..., 0]

    def draw(
        self, slot: int, feet: Sequence[float], yaw: float, pitch: float, height: int, width: int
    ) -> np.ndarray:
        """One frame uint8[H, W, 3] of a slot's world, from feet at any pose in degrees."""
        out = np.empty((1, height, width, 3), np.uint8)
        only = slice(slot, slot + 1)
        _draw(
            np.zeros(1, np.int64), Scene(*(part[only] for part in self.scene)), self.look,
            self._background(self.look, height, width),
            np.array([feet], np.float64), np.array([yaw], np.float64),
            np.array([pitch], np.float64), out,
        )  # fmt: skip
        return out[0]

    def close(self) -> None:
        """Does nothing: no resource is held."""

    def _render(
        self, scene: Scene, look: Look, out: np.ndarray, slots: np.ndarray | None = None
    ) -> None:
        slots = np.arange(len(out)) if slots is None else np.asarray(slots, np.int64)
        self._workers.share(_draw, slots, *self._picture(scene, look, out))

    def _decision(self, actions: np.ndarray, table: ActionTable, ticks: int) -> tuple[Any, ...]:
        """Arguments of `physics.decide_all` after the slots."""
        return (
            self.blocks, self.shapes, self.position, self.velocity, self.on_ground,
            self.jump_wait, self.yaw, np.asarray(actions, np.int64),
            table.forward, table.strafe, table.jump, table.turn, ticks,
        )  # fmt: skip

    def _picture(self, scene: Scene, look: Look, out: np.ndarray) -> tuple[Any, ...]:
        """Arguments of `_draw` after the slots."""
        background = self._background(look, out.shape[1], out.shape[2])
        return scene, look, background, self.position, self.yaw, self.pitch, out

    def _background(self, look: Look, height: int, width: int) -> np.ndarray:
        key = (int(look.sky[0, 0]), height, width)
        if key not in self._backgrounds:
            self._backgrounds[key] = sky.level_gaze(look.sky, height, width)
        return self._backgrounds[key]
