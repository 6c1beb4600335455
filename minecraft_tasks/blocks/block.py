"""One kind of block: its name in Minecraft, its boxes, its look and its light."""

from __future__ import annotations

from dataclasses import dataclass

from minecraft_tasks.blocks.shapes import FULL_CUBE, Box

OPAQUE = 15
"""The `light_filter` of what lets no light through."""


@dataclass(frozen=True)
class Block:
    """One kind of block.

    Attributes:
        name: Our name, unique in the palette.
        minecraft: Minecraft 1.11's block name.
        state: Minecraft's colour, variant or type, where the block has one, as a mission
            file spells it (colours in capitals).
        boxes: Boxes (x0, y0, z0, x1, y1, z1) inside the unit cube that are seen; none for air.
        solid: Boxes that hold a body, where they are not those that are seen. They may be
            higher than the cell, as a fence's are.
        facing: Direction of the face that `front` is painted on: north, south, west, east,
            up or down.
        properties: Minecraft's other block-state properties that differ from the default or
            that tell blocks of this palette apart, as ``/setblock`` spells them. Minecraft
            works out connections (north, south, west, east) from the neighbours by itself.
        texture: Recipe in `backends.voxel.recipes` for the sides.
        top: Recipe for the top and bottom, where it differs.
        front: Recipe for the face that the block faces, where it differs.
        faces: (face, recipe) pairs of further faces that differ; ``~`` before a recipe
            mirrors it left to right.
        materials: Recipe of each box, where boxes differ; an empty one is the block's own.
        light: Block light emitted, 0 to 15.
        beam: Whether a beacon's beam rises from it to the sky.
        cutout: Whether some of its texels are holes that one sees through.
        dims: Light taken from what passes through, where it is not the rule's
            (`light_filter`).
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
        """Boxes that hold a body."""
        return self.boxes if self.solid is None else self.solid

    @property
    def is_cube(self) -> bool:
        """Whether nothing is seen through or beside the block in its cell."""
        return self.boxes == FULL_CUBE and not self.cutout

    @property
    def light_filter(self) -> int:
        """Light taken from what passes through the cell, 0 to 15.

        As in Minecraft, cubes take all, leaves 1, water 3, glass and small things nothing.
        Slabs, stairs and farmland take all there, but are then lit as their brightest
        neighbour is; here they take nothing, which comes to the same for what one sees.
        """
        if self.dims is not None:
            return self.dims
        return OPAQUE if self.is_cube else 0

    @property
    def opaque(self) -> bool:
        """Whether no light passes."""
        return self.light_filter == OPAQUE
