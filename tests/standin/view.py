"""The world as the embedded engine holds it, and the one body in it.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft. The engine's frames and physics are used as they are.
"""

from __future__ import annotations

import numpy as np

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.physics import motion
from tests.standin.controls import Controls
from tests.standin.flat import layers
from tests.standin.ground import Cell, World
from tests.standin.log import Log

_SLOT = np.zeros(1, np.int64)


class View:
    """What is seen of a world, and from where.

    Positions are kept relative to the window, so that the arithmetic is that of an engine which
    was given the window's blocks.

    Attributes:
        origin: Minecraft's coordinates of the window's corner.
        body: The body, relative to `origin`.
        backend: The engine; its first world is the window.
    """

    def __init__(self, world: World, feet: tuple[float, float, float], time: int) -> None:
        """A view from a body that stands.

        Args:
            world: What is seen.
            feet: Minecraft's coordinates of the feet.
            time: Time of day in ticks.

        Raises:
            FalseBeaconError: If the world is too tall for the engine.
        """
        self._world = world
        self._time = time
        self._changes = world.changes
        self.origin: Cell = world.low
        x, y, z = np.subtract(feet, self.origin).tolist()
        self.body = motion.standing(x, y, z)
        self.backend = self._engine(world.window())

    def _engine(self, blocks: np.ndarray) -> VoxelBackend:
        backend = VoxelBackend(1, blocks.shape, threads=1)
        pose = np.array([[self.body.x, self.body.y, self.body.z, 0.0, 0.0]])
        backend.place(_SLOT, blocks[None], pose, np.array([self._time]))
        return backend

    @property
    def position(self) -> tuple[float, float, float]:
        """Minecraft's coordinates of the feet."""
        (x, y, z), body = self.origin, self.body
        return body.x + x, body.y + y, body.z + z

    def update(self) -> None:
        """Takes notice of changed blocks, in a larger window if they are outside of it."""
        if self._changes == self._world.changes:
            return
        self._changes = self._world.changes
        blocks = self._world.window()
        if self.origin == self._world.low and blocks.shape == self.backend.blocks.shape[1:]:
            self.backend.blocks[0] = blocks
            self.backend.refresh(_SLOT)
            return
        x, y, z = np.subtract(self.origin, self._world.low).tolist()
        self.origin, body = self._world.low, self.body
        self.body = body._replace(x=body.x + x, y=body.y + y, z=body.z + z)
        self.backend = self._engine(blocks)

    def tick(self, controls: Controls) -> None:
        """One tick of the engine's physics."""
        self.body = motion.tick(
            self.backend.blocks[0], self.backend.shapes, self.body,
            controls.ahead, controls.aside, controls.pressed["jump"], wrapped(controls.yaw),
        )  # fmt: skip

    def frame(self, controls: Controls, height: int, width: int) -> bytes:
        """What the body sees: three bytes a pixel, the lowest row first."""
        self.backend.position[0] = self.body.x, self.body.y, self.body.z
        self.backend.yaw[0] = wrapped(controls.yaw)
        self.backend.pitch[0] = controls.pitch
        image = np.empty((1, height, width, 3), np.uint8)
        self.backend.frames(image)
        return image[0, ::-1].tobytes()


def wrapped(yaw: np.float32) -> float:
    """Degrees in [-180, 180), as the engine keeps them."""
    return (float(yaw) + 180.0) % 360.0 - 180.0


def warm() -> None:
    """Compiles what a mission needs, which may take longer than a client is willing to wait."""
    view = View(World(layers("3;7,2*3,2;1;")), (2.5, 4.0, 2.5), 6000)
    controls = Controls(0.0, 0.0, (), Log())
    view.tick(controls)
    view.frame(controls, 64, 64)
