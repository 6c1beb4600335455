"""The game behind the protocol: what Malmo answers to each message, and what it does meanwhile.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft. The answers are those of `MalmoEnvServer`, its oversights included.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import dataclass, field

from minecraft_tasks.core.errors import FalseBeaconError
from tests.standin import suffering, wire
from tests.standin.faults import Faults
from tests.standin.log import Log
from tests.standin.mission import MissionError, Missions, UnreadableError
from tests.standin.play import Play
from tests.standin.states import PlacementError

Answer = list[bytes]

IDLE_TICKS = 2
"""Ticks that a peek lets pass, for the first observation to come through."""

FIND_SECONDS = 3.0
"""How long a client that asks for the server is kept waiting."""

_OPENING = len("<StepClient0>")
_CLOSING = len("</StepClient0 >")


class Dropped(Exception):
    """The connection is to be closed without an answer, as an exception does in Java."""


@dataclass
class Env:
    """State of `MalmoEnvServer` that outlives a message."""

    token: str = ""
    done: bool = False
    running: bool = False
    synchronous: bool = False
    commands: deque[str] = field(default_factory=deque)
    frame: bytes | None = None
    info: str = "{}"


class Game:
    """Answers messages, one at a time but for Exit.

    Attributes:
        play: The mission that is being played, if any.
    """

    def __init__(self, missions: Missions, faults: Faults, log: Log, port: int = 0) -> None:
        """A game without a mission.

        Args:
            missions: Reads missions.
            faults: What goes wrong.
            log: What is told.
            port: What other agents are told when they ask for the server.
        """
        self.play: Play | None = None
        self._missions = missions
        self._faults = faults
        self._log = log
        self._port = port
        self._env = Env()
        self._turn = threading.Condition()
        self._tokens: dict[str, int] = {}
        self._counts: dict[str, int] = {"mission": 0, "peek": 0, "step": 0}
        self._asked = ""

    def _suffer(self, occasion: str, again: bool = False) -> dict[str, str]:
        """Faults of the next occasion; those that need no mission happen here."""
        self._counts[occasion] += not again
        due = self._faults.take(occasion, self._counts[occasion])
        if suffering.before(due, self._log, self._faults.held):
            raise Dropped(f"a fault at {occasion} {self._counts[occasion]}")
        return due

    def mission(self, command: str, token: str) -> Answer:
        """`MissionInit` and the token after it: 1 if the mission begins, 0 if not.

        A token whose mission has begun is not begun again.

        Raises:
            Dropped: If the message is no `MissionInit`; Malmo forgets to answer.
            ValueError: If the token is none.
        """
        uid, role, reset, agents, synchronous, *_ = token.split(":")
        with self._turn:
            due = self._suffer("mission", again=token == self._asked)
            self._asked = token
            mine = f"{uid}:{role}:{reset}"
            if mine not in self._tokens:
                if not self._begin(command, mine, synchronous.lower() == "true", due):
                    return [wire.whole(0)]
                for agent in range(int(agents)):
                    self._tokens[f"{uid}:{agent}:{reset}"] = self._port
                self._turn.notify_all()
            return [wire.whole(1)]

    def _begin(self, command: str, token: str, synchronous: bool, due: dict[str, str]) -> bool:
        busy = self.play is not None and not self._env.done
        self._env = Env(token=token, running=True, synchronous=synchronous)
        if busy or "busy" in due:
            self._log("MalmoEnvServer Busy - I want to quit")
            self.play = None
            return False
        until = int(due["swallow-drawing"]) if "swallow-drawing" in due else None
        try:
            mission = self._missions.read(command)
            self.play = Play(mission, self._log, until)
        except UnreadableError as error:
            raise Dropped(str(error)) from None
        except (MissionError, PlacementError, FalseBeaconError) as error:
            self._log(f"mission refused: {error}")
            return False
        self._log(f"mission {self._counts['mission']} begins: {token}")
        return True

    def peek(self) -> Answer:
        """Frame, info, done: the first observation, after some idle ticks.

        Without a mission Malmo waits for one for ever; here nothing is answered.
        """
        with self._turn:
            due = self._suffer("peek")
            if self.play is None or self._env.done:
                self._log("a peek without a mission is not answered")
                return []
            for _ in range(IDLE_TICKS):
                self._client_tick(self.play)
                self.play.server_tick()
            self._observe(self.play, due)
            env = self._env
            return [env.frame or b"", env.info.encode(), bytes([env.done])]

    def step_client(self, command: str) -> Answer:
        """Frame, reward and done, info: one tick of the client.

        Raises:
            Dropped: If the mission is over; Malmo trips over the frame that it has not got.
        """
        with self._turn:
            if not self._env.synchronous:
                return []
            due = self._suffer("step")
            self._env.commands.extend(_lines(command[_OPENING:-_CLOSING]))
            if self.play is not None and not self._env.done:
                self._client_tick(self.play)
                self._observe(self.play, due)
            env, frame, info = self._env, self._env.frame, self._env.info
            env.frame, env.info = None, "{}"
            if frame is None:
                raise Dropped("a step when the mission is over")
            told = [info.encode()] if command[_OPENING - 2] in "02" else []
            return [frame, wire.STEP.pack(0.0, env.done, 1), *told]

    def step_server(self) -> Answer:
        """One tick of the server, which nobody is told of."""
        with self._turn:
            if self._env.synchronous and self.play is not None and not self._env.done:
                self.play.server_tick()
            return []

    def _client_tick(self, play: Play) -> None:
        play.client_tick(self._env.commands)

    def _observe(self, play: Play, due: dict[str, str]) -> None:
        self._env.frame = suffering.frame(play.frame(), due)
        self._env.info = json.dumps(suffering.info(play.info(), due))
        if play.over or "done" in due:
            self._end()

    def _end(self) -> None:
        """Ends the mission; its world is gone."""
        self._env.done = True
        self._tokens.pop(self._env.token, None)
        self.play = None

    def quit(self) -> Answer:
        """Ends the mission: 1 if it is over."""
        with self._turn:
            if self.play is not None:
                self._end()
            return [wire.whole(self._env.done or not self._env.running)]

    def find(self, token: str) -> Answer:
        """Port of the server whose mission has that token, or 0 if none comes soon."""
        with self._turn:
            self._turn.wait_for(lambda: token in self._tokens, FIND_SECONDS)
            return [wire.whole(self._tokens.get(token, 0))]

    def forget(self, token: str | None = None) -> Answer:
        """`Close` forgets a token, `Init` all of them."""
        with self._turn:
            if token is None:
                self._tokens.clear()
            else:
                self._tokens.pop(token, None)
            return [wire.whole(1)]


def _lines(actions: str) -> list[str]:
    """Commands, split as Java does: empty ones at the end are none."""
    return actions.rstrip("\n").split("\n") if actions.strip("\n") else []
