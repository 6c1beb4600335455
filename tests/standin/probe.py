"""A client that sends the stand-in single messages, and a mission for it to send.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

from tests.standin import wire

FLAT = "3;7,2*3,2;1;"
HELLO = b"<MalmoEnv0.37.0/>"
STILL = "forward 0\nback 0\nleft 0\nright 0\njump 0\ncamera 0.0 0.0"
WALK = STILL.replace("forward 0", "forward 1")

ROOM = """
<DrawCuboid x1="0" y1="4" z1="0" x2="11" y2="9" z2="11" type="air"/>
<DrawCuboid x1="0" y1="4" z1="8" x2="11" y2="6" z2="8" type="stonebrick"/>
<DrawBlock x="4" y="4" z="5" type="wool" colour="RED"/>
<DrawBlock x="6" y="4" z="6" type="stone_slab" variant="stone_brick"/>
"""
"""A wall with a block of wool and a slab before it."""

Seen = tuple[bytes, dict[str, Any], int]
"""Frame, info and done of an observation."""

HANDLERS = "<HumanLevelCommands/><CameraCommands/><ChatCommands/>"
GRID = """
<ObservationFromGrid><Grid name="floor" absoluteCoords="true">
<min x="3" y="3" z="5"/><max x="5" y="4" z="6"/></Grid></ObservationFromGrid>
"""


def mission(
    drawing: str = ROOM,
    placement: str = '<Placement x="6.5" y="4.0" z="2.5" yaw="15.0" pitch="0.0"/>',
    handlers: str = HANDLERS + GRID,
    limit: str = "",
    size: int = 16,
    version: str = "0.37.0",
) -> bytes:
    """A `MissionInit` in the shape of MineRL's template, as its client wraps it."""
    drawing = f"<DrawingDecorator>{drawing}</DrawingDecorator>" if drawing else ""
    limit = limit and f'<ServerQuitFromTimeUp timeLimitMs="{limit}" description="out"/>'
    return f"""<MissionInit xmlns="http://ProjectMalmo.microsoft.com"
        SchemaVersion="" PlatformVersion="{version}">
      <Mission><About><Summary>test</Summary></About>
        <ModSettings><MsPerTick>50</MsPerTick></ModSettings>
        <ServerSection>
          <ServerInitialConditions><Time><StartTime>6000</StartTime>
            <AllowPassageOfTime>false</AllowPassageOfTime></Time>
            <Weather>clear</Weather><AllowSpawning>false</AllowSpawning>
          </ServerInitialConditions>
          <ServerHandlers>
            <FlatWorldGenerator generatorString="{FLAT}" forceReset="true"/>{drawing}{limit}
          </ServerHandlers>
        </ServerSection>
        <AgentSection mode="Survival"><Name>MineRLAgent0</Name>
          <AgentStart>{placement}</AgentStart>
          <AgentHandlers><FileBasedPerformanceProducer/><ObservationFromDamage/><PauseCommand/>
            <VideoProducer want_depth="false"><Width>{size} </Width><Height>{size}</Height>
            </VideoProducer><ObservationFromFullStats/>{handlers}
          </AgentHandlers>
        </AgentSection>
      </Mission>
      <ExperimentUID>uid</ExperimentUID><ClientRole>0</ClientRole>
      <ClientAgentConnection><ClientIPAddress>127.0.0.1</ClientIPAddress>
        <ClientMissionControlPort>0</ClientMissionControlPort>
        <ClientCommandsPort>0</ClientCommandsPort><AgentIPAddress>127.0.0.1</AgentIPAddress>
        <AgentMissionControlPort>0</AgentMissionControlPort><AgentVideoPort>0</AgentVideoPort>
        <AgentDepthPort>0</AgentDepthPort><AgentLuminancePort>0</AgentLuminancePort>
        <AgentObservationsPort>0</AgentObservationsPort><AgentRewardsPort>0</AgentRewardsPort>
        <AgentColourMapPort>0</AgentColourMapPort></ClientAgentConnection>
    </MissionInit>""".encode()


class Client:
    """The other end of the wire, byte by byte.

    Attributes:
        socket: The connection.
        missions: How many missions it asked for under a token of their own.
    """

    def __init__(self, port: int, hello: bytes = HELLO) -> None:
        """Connects and says hello."""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=300.0)
        self.missions = 0
        self.send(hello)

    def send(self, *messages: bytes | str) -> None:
        """Messages, one after the other."""
        for message in messages:
            data = message.encode() if isinstance(message, str) else message
            self.socket.sendall(struct.pack("!I", len(data)) + data)

    def message(self) -> bytes | None:
        """The next message, or None if the connection was closed."""
        return wire.receive(self.socket)

    def ask(self, *messages: bytes | str) -> int:
        """The whole number that those messages are answered with."""
        self.send(*messages)
        (number,) = struct.unpack("!I", self.message() or b"")
        return number

    def begin(self, mission: bytes, uid: str = "") -> int:
        """Asks for a mission, with a token of its own or of that id."""
        self.missions += not uid
        return self.ask(mission, f"{uid or f'uid{self.missions}'}:0:0:1:true")

    def peek(self) -> Seen:
        """The first frame, info and done."""
        self.send("<Peek/>")
        frame, info, done = self._three()
        return frame, json.loads(info), done[0]

    def step(self, commands: str = STILL) -> Seen:
        """Frame, info and done after a tick of the client, and one of the server."""
        self.send(f"<StepClient0>{commands}</StepClient0 >")
        frame, told, info = self._three()
        self.send("<StepServer></StepServer>")
        reward, done, sent = struct.unpack("!dbb", told)
        assert (reward, sent) == (0.0, 1)
        return frame, json.loads(info), done

    def _three(self) -> list[bytes]:
        messages = [self.message() for _ in range(3)]
        whole = [message for message in messages if message is not None]
        if whole != messages:
            raise ConnectionError("closed without an answer")
        return whole
