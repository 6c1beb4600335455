"""A mission, read from the XML that a client sends.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree
from lxml.etree import QName, _Element

from tests.standin.ground import Cell

NAMESPACE = "{http://ProjectMalmo.microsoft.com}"
VERSION = "0.37.0"
GENERATOR = "3;7,2*3,2;1;village"
"""The schema's default."""


class MissionError(Exception):
    """A mission that Malmo would refuse, or that cannot be played here."""


class UnreadableError(Exception):
    """Something that is no `MissionInit` at all, which Malmo does not even answer."""


@dataclass(frozen=True)
class Grid:
    """A box of cells whose blocks are observed, both corners included.

    Attributes:
        absolute: Whether the corners are Minecraft's coordinates; otherwise they are relative to
            the cell of the feet.
    """

    name: str
    low: Cell
    high: Cell
    absolute: bool


@dataclass(frozen=True)
class Mission:
    """What is played.

    Attributes:
        agent: Name of the player.
        generator: How the flat world is made.
        drawings: Elements of each decorator.
        placement: Feet x, y, z, yaw and pitch, where they are given.
        time: Time of day in ticks.
        passes: Whether time passes.
        height, width: Pixels of a frame.
        limit: Milliseconds of game time after which the server ends the mission, or None.
        grids: What is observed of the blocks.
        handlers: Tags of the agent's handlers.
    """

    agent: str
    generator: str
    drawings: tuple[tuple[_Element, ...], ...]
    placement: tuple[float, float, float, float, float] | None
    time: int
    passes: bool
    height: int
    width: int
    limit: float | None
    grids: tuple[Grid, ...]
    handlers: frozenset[str]


class Missions:
    """Reads missions, and refuses what Malmo's schema does."""

    def __init__(self, schemas: Path) -> None:
        """Loads the schema.

        Args:
            schemas: Malmo's folder of `MissionInit.xsd` and what it includes.
        """
        self._schema = etree.XMLSchema(etree.parse(str(schemas / "MissionInit.xsd")))

    def read(self, text: str) -> Mission:
        """A mission from a `MissionInit`.

        Raises:
            UnreadableError: If it is not XML, or its root has another name.
            MissionError: If the schema forbids it, it is for another version of Malmo, or it
                wants what the stand-in has not.
        """
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
        try:
            root = etree.fromstring(text.encode(), parser)
        except etree.XMLSyntaxError as error:
            raise UnreadableError(f"SAX exception: {error}") from None
        if root.prefix or QName(root).localname != "MissionInit":
            raise UnreadableError(f"{root.tag} is not a MissionInit")
        if not self._schema.validate(root):
            raise MissionError(f"JAXB exception: {self._schema.error_log.last_error}")
        if root.get("PlatformVersion") != VERSION:
            raise MissionError(f"VERSIONMISMATCH (Got {root.get('PlatformVersion')})")
        return _mission(root)


def _mission(root: _Element) -> Mission:
    role = int(_text(root, "ClientRole", "0"))
    agent = list(root.iter(NAMESPACE + "AgentSection"))[role]
    flat = root.find(f".//{NAMESPACE}FlatWorldGenerator")
    video = agent.find(f".//{NAMESPACE}VideoProducer")
    if flat is None:
        raise MissionError("the stand-in knows flat worlds only")
    if video is None or _true(video.get("want_depth", "false")):
        raise MissionError("the stand-in makes frames of three bytes a pixel, and wants to")
    limit = root.find(f".//{NAMESPACE}ServerQuitFromTimeUp")
    handlers = agent.find(NAMESPACE + "AgentHandlers")
    return Mission(
        agent=_text(agent, "Name", ""),
        generator=flat.get("generatorString", GENERATOR),
        drawings=tuple(tuple(item) for item in root.iter(NAMESPACE + "DrawingDecorator")),
        placement=_placement(agent),
        time=int(_text(root, "StartTime", "0")),
        passes=_true(_text(root, "AllowPassageOfTime", "true")),
        height=int(_text(video, "Height", "")),
        width=int(_text(video, "Width", "")),
        limit=None if limit is None else float(limit.attrib["timeLimitMs"]),
        grids=tuple(_grids(agent)),
        handlers=frozenset(QName(item).localname for item in handlers),
    )


def _placement(agent: _Element) -> tuple[float, float, float, float, float] | None:
    item = agent.find(f".//{NAMESPACE}Placement")
    if item is None:
        return None
    x, y, z = (float(item.attrib[key]) for key in "xyz")
    return x, y, z, float(item.get("yaw", 0)), float(item.get("pitch", 0))


def _grids(agent: _Element) -> Iterator[Grid]:
    for item in agent.iter(NAMESPACE + "Grid"):
        if _true(item.get("projectDown", "false")) or _true(item.get("atSpawn", "false")):
            raise MissionError("the stand-in knows no grids that project down or lie at the spawn")
        low, high = (_corner(item, end) for end in ("min", "max"))
        yield Grid(item.attrib["name"], low, high, _true(item.get("absoluteCoords", "false")))


def _corner(grid: _Element, end: str) -> Cell:
    corner = grid.find(NAMESPACE + end)
    x, y, z = (int(float(corner.attrib[key])) for key in "xyz")
    return x, y, z


def _text(item: _Element, tag: str, default: str) -> str:
    return (item.findtext(f".//{NAMESPACE}{tag}") or default).strip()


def _true(text: str) -> bool:
    return text in ("true", "1")
