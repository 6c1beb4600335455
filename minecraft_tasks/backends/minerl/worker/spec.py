"""A level as a MineRL environment: the handlers that its mission is made of.

Imported only after `shims.install`.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

from typing import Any

from minerl.herobraine.env_spec import EnvSpec
from minerl.herobraine.hero import handlers, spaces
from minerl.herobraine.hero.handler import Handler
from minerl.herobraine.hero.handlers.agent.action import Action

HELD_KEYS = ("forward", "back", "left", "right", "jump")
"""Keys of the game that actions hold, by MineRL's names for them."""

MISSION_GRID = "drawn_blocks"
"""Name under which the drawn blocks are observed."""

_NOTHING = spaces.Box(0.0, 1.0, ())
"""The space that MineRL requires, for values that no learner uses."""


class SeededFlatWorld(Handler):
    """A flat world with a seed, made for every mission and deleted after it."""

    def __init__(self, layers: str, seed: int) -> None:
        self.layers, self.seed = layers, seed

    def to_string(self) -> str:
        """The handler's name."""
        return "seeded_flat_world"

    def xml_template(self) -> str:
        """Its element; MineRL's own handler has no seed."""
        return (
            '<FlatWorldGenerator forceReset="true" destroyAfterUse="true"'
            ' generatorString="{{ layers }}" seed="{{ seed }}"/>'
        )


class DrawnBlocks(handlers.TranslationHandler):
    """Names of the blocks of a box of the world, y outermost and x innermost."""

    def __init__(self, low: list[int], high: list[int]) -> None:
        self.low, self.high = low, high
        super().__init__(_NOTHING)

    def to_string(self) -> str:
        """The handler's name, and the key of the observation."""
        return MISSION_GRID

    def xml_template(self) -> str:
        """Its element."""
        return (
            f'<ObservationFromGrid><Grid name="{MISSION_GRID}" absoluteCoords="true">'
            '<min x="{{ low[0] }}" y="{{ low[1] }}" z="{{ low[2] }}"/>'
            '<max x="{{ high[0] }}" y="{{ high[1] }}" z="{{ high[2] }}"/>'
            "</Grid></ObservationFromGrid>"
        )

    def from_hero(self, info: dict[str, Any]) -> list[str]:
        """The names; empty if the game has sent none."""
        return info.get(MISSION_GRID, [])

    def from_universal(self, info: dict[str, Any]) -> list[str]:
        """Not supported: recorded demonstrations hold no grid."""
        raise NotImplementedError


class Chat(Action):
    """Console commands, at most one for each tick; an empty one is not sent."""

    def __init__(self) -> None:
        super().__init__("chat", _NOTHING)

    def xml_template(self) -> str:
        """Its element."""
        return "<ChatCommands/>"

    def to_hero(self, x: str) -> str:
        """The command as Malmo reads it."""
        return f"chat {x}" if x else ""


class LevelSpec(EnvSpec):
    """The environment of the level in `mission`, made by `mission.mission`, at the next reset."""

    def __init__(self, mission: dict[str, Any]) -> None:
        self.mission = mission
        super().__init__("FalseBeaconLevel-v0")

    def create_observables(self) -> list[Handler]:
        """Frame, pose, and the drawn blocks if they are compared."""
        mission = self.mission
        seen = [
            handlers.POVObservation((mission["width"], mission["height"])),
            handlers.ObservationFromCurrentLocation(),
        ]
        if mission["grid"]:
            seen.append(DrawnBlocks(*mission["grid"]))
        return seen

    def create_actionables(self) -> list[Handler]:
        """Keys, camera and console."""
        codes = {"forward": "17", "back": "31", "left": "30", "right": "32", "jump": "57"}
        keys = [handlers.KeybasedCommandAction(key, codes[key]) for key in HELD_KEYS]
        return [*keys, handlers.CameraAction(), Chat()]

    def create_agent_start(self) -> list[Handler]:
        """The spawn."""
        x, y, z, yaw, pitch = self.mission["spawn"]
        return [handlers.AgentStartPlacement(x, y, z, yaw, pitch)]

    def create_server_initial_conditions(self) -> list[Handler]:
        """A fixed hour, fair weather, no mobs."""
        return [
            handlers.TimeInitialCondition(False, self.mission["time"]),
            handlers.WeatherInitialCondition("clear"),
            handlers.SpawningInitialCondition(False),
        ]

    def create_server_world_generators(self) -> list[Handler]:
        """The ground."""
        return [SeededFlatWorld(self.mission["layers"], self.mission["seed"])]

    def create_server_decorators(self) -> list[Handler]:
        """The level: one decorator, since Malmo keeps only the last."""
        return [handlers.DrawingDecorator(self.mission["drawing"])]

    def create_server_quit_producers(self) -> list[Handler]:
        """A time limit."""
        return [handlers.ServerQuitFromTimeUp(self.mission["limit_ms"])]

    def create_rewardables(self) -> list[Handler]:
        """None: rewards come from poses, by the same code for every engine."""
        return []

    def create_agent_handlers(self) -> list[Handler]:
        """None: episodes end by our own count."""
        return []

    def create_monitors(self) -> list[Handler]:
        """None."""
        return []

    def is_from_folder(self, folder: str) -> bool:
        """Never: it has no demonstrations."""
        return False

    def determine_success_from_rewards(self, rewards: list[float]) -> bool:
        """Never: there are no rewards."""
        return False

    def get_docstring(self) -> str:
        """The class's own."""
        return type(self).__doc__ or ""
