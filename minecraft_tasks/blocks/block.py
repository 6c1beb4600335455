"""One kind of block: its name in Minecraft, its boxes, its look and its light."""

from __future__ import annotations

from dataclasses import dataclass

from minecraft_tasks.blocks.shapes import FULL_CUBE, Box

OPAQUE = 15
"""The `light_filter` of blocks that no light passes."""


@dataclass(frozen=True)
class Block:
    """One kind of block.

    Attributes:
        name: Our name, unique in the palette.
        minecraft: Minecraft 1.11's block name.
        state: Minecraft's colour, variant or type, spelt as in a mission file (colours in
            capitals); empty where the block has none.
        boxes: Visible boxes (x0, y0, z0, x1, y1, z1) inside the unit cube; none for air.
        solid: Collision boxes, where they differ from the visible ones. They may be higher than
            the cell, as a fence's are.
        facing: Direction of the face that `front` is painted on: north, south, west, east,
            up or down.
        properties: Minecraft's other block-state properties that differ from the default or
            distinguish blocks of this palette, spelt as in ``/setblock``. Minecraft derives
            connections (north, south, west, east) from the neighbours.
        texture: Recipe in `backends.voxel.textures.materials` for the sides.
        top: Recipe for the top and bottom, where it differs.
        front: Recipe for the face that the block faces, where it differs.
        faces: (face, recipe) pairs of further faces that differ; ``~`` before a recipe
            mirrors it left to right.
        materials: Recipe of each box, where boxes differ; an empty one is the block's own.
        light: Block light emitted, 0 to 15.
        beam: Whether a beacon's beam rises from it to the sky.
        cutout: Whether some of its texels are holes.
        dims: Light lost in the block, where it differs from the rule in `light_filter`.
    """

    name: str
    minecraft: str
    state: str = ""
    boxes: tuple[Box, ...] = FULL_CUBE
    solid: tuple[Box, ...] | None = None
    facing: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    texture: str = ""
    top: str = ""
    front: str = ""
    faces: tuple[tuple[str, str], ...] = ()
    materials: tuple[str, ...] = ()
    light: int = 0
    beam: bool = False
    cutout: bool = False
    dims: int | None = None

    @property
    def collision(self) -> tuple[Box, ...]:
        """Collision boxes."""
        return self.boxes if self.solid is None else self.solid

    @property
    def is_cube(self) -> bool:
        """Whether the block hides all that is behind its cell."""
        return self.boxes == FULL_CUBE and not self.cutout

    @property
    def light_filter(self) -> int:
        """Light lost in the cell, 0 to 15.

        As in Minecraft: all in cubes, 1 in leaves, 3 in water, none in glass and small blocks.
        Slabs, stairs and farmland lose all there, but are then lit as their brightest neighbour;
        here they lose none, which looks the same.
        """
        rule = OPAQUE if self.is_cube else 0
        return rule if self.dims is None else self.dims

    @property
    def opaque(self) -> bool:
        """Whether no light passes."""
        return self.light_filter == OPAQUE
