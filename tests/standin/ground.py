"""The blocks of Minecraft's world: a flat ground without end, and what was placed on it.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

import numpy as np

from tests.standin.kinds import DOORS, NOT_CUBES, SEE_THROUGH
from tests.standin.showing import palette_id
from tests.standin.states import AIR, State

Cell = tuple[int, int, int]

SIDES = {"north": (0, -1), "south": (0, 1), "west": (-1, 0), "east": (1, 0)}
"""Way along x and z to each side."""

OPPOSITE = {"north": "south", "south": "north", "west": "east", "east": "west"}

HIGHEST = 255


class World:
    """Blocks by Minecraft's coordinates.

    Attributes:
        top: Height of the highest layer of the ground.
        changes: How often a block was placed.
        low: Least coordinates of what is shown: the origin, the ground's highest layer and all
            that was placed on it.
        high: Greatest coordinates of the same.
    """

    def __init__(self, layers: tuple[State, ...]) -> None:
        """A world where nothing stands on the ground.

        Args:
            layers: Of the ground, from y = 0 upwards.

        Raises:
            PlacementError: If the highest layer cannot be shown.
        """
        palette_id(layers[-1])
        self._layers = layers
        self._placed: dict[Cell, State] = {}
        self.top = len(layers) - 1
        self.changes = 0
        self.low: Cell = (0, self.top, 0)
        self.high: Cell = (0, self.top, 0)

    def placed(self, cell: Cell) -> State:
        """The state that was placed in a cell, as a grid observation names it."""
        return self._placed.get(cell) or self._untouched(cell[1])

    def _untouched(self, y: int) -> State:
        return self._layers[y] if 0 <= y <= self.top else AIR

    def place(self, cell: Cell, state: State) -> None:
        """Puts a block where there may be another; nothing happens over and under the world.

        Raises:
            PlacementError: If it cannot be shown.
        """
        palette_id(state)
        if not 0 <= cell[1] <= HIGHEST:
            return
        (x, y, z), low, high = cell, self.low, self.high
        self._placed[cell] = state
        self.changes += 1
        self.low = (min(low[0], x), self.top, min(low[2], z))
        self.high = (max(high[0], x), max(high[1], y), max(high[2], z))

    def seen(self, cell: Cell) -> State:
        """The state in a cell with all that Minecraft works out from its neighbours."""
        state = self.placed(cell)
        if state.name in ("fence", "glass_pane"):
            return state.having({side: self._reaches(cell, side) for side in SIDES})
        return self._whole_door(cell, state) if state.name in DOORS else state

    def _reaches(self, cell: Cell, side: str) -> str:
        """Whether a fence or pane reaches to a side, from `BlockFence` and `BlockPane`."""
        dx, dz = SIDES[side]
        own, other = self.placed(cell), self.placed((cell[0] + dx, cell[1], cell[2] + dz))
        cube = other.name not in NOT_CUBES
        if own.name == "fence":
            reaches = other.name == "fence" or (cube and other.name not in SEE_THROUGH)
        else:
            reaches = cube or other.name in ("glass", "glass_pane", "farmland")
            reaches |= other.name == "oak_stairs" and other.value("facing") == OPPOSITE[side]
        return str(reaches).lower()

    def _whole_door(self, cell: Cell, state: State) -> State:
        """Facing and opening are kept in a door's lower half, the hinge in its upper one."""
        upper = state.value("half") == "upper"
        other = self.placed((cell[0], cell[1] + (-1 if upper else 1), cell[2]))
        if upper:
            state = state.having({"facing": "north", "open": "false"})
        else:
            state = state.having({"hinge": "left"})
        if other.name != state.name or other.value("half") == state.value("half"):
            return state
        kept = ("facing", "open") if upper else ("hinge",)
        return state.having({key: other.value(key) for key in kept})

    def window(self) -> np.ndarray:
        """Palette ids uint8[X, Y, Z] of what is shown, from `low` to `high` and the air above.

        The engine takes the light at the edges of what is on top from the air over it.
        """
        x0, y0, z0 = self.low
        blocks = np.zeros(np.subtract(self.high, self.low) + np.array((1, 3, 1)), np.uint8)
        blocks[:, 0] = palette_id(self._layers[-1])
        for x, y, z in self._placed:
            if y >= y0:
                blocks[x - x0, y - y0, z - z0] = palette_id(self.seen((x, y, z)))
        return blocks
