"""One connection: the hello, and then messages until either side has enough.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from tests.standin import wire
from tests.standin.game import Answer, Dropped, Game
from tests.standin.log import Log
from tests.standin.mission import VERSION

HELLO = f"<MalmoEnv{VERSION}"
_LONGEST_HELLO = len("<MalmoEnv") + 8


class Connection:
    """What one client says."""

    def __init__(
        self, sock: socket.socket, game: Game, log: Log, leave: Callable[[int], object]
    ) -> None:
        """A connection that nothing was said on.

        Args:
            sock: It; closed in the end.
            game: What answers.
            log: Where errors are told.
            leave: Ends the process with a status.
        """
        self._sock = sock
        self._game = game
        self._log = log
        self._leave = leave
        self._plays = False

    def attend(self, welcome: bool) -> None:
        """Answers until the connection is closed.

        Args:
            welcome: Whether a hello of the right version is accepted.
        """
        with self._sock:
            try:
                self._check_hello(welcome)
                while (message := wire.receive(self._sock)) is not None:
                    if not self._heard(message.decode()):
                        return
            except OSError as error:
                self._log(f"MalmoEnv socket error: {error}")
                if self._plays:
                    self._log("[LOGTOPY] Want to quit on disconnect.")
                    self._game.quit()
            except (Dropped, ValueError) as error:
                self._log(f"Error while processing commands: {error}")

    def _check_hello(self, welcome: bool) -> None:
        """Reads the first message.

        Raises:
            Dropped: If it is not that of a client of the same version.
        """
        hello = wire.receive(self._sock) or b""
        if not welcome or len(hello) > _LONGEST_HELLO or not hello.startswith(HELLO.encode()):
            raise Dropped(f"MalmoEnv invalid protocol or version - expected {HELLO}")

    def _heard(self, message: str) -> bool:
        """Answers one message; whether the connection goes on."""
        if message.startswith("<Disconnect"):
            return False
        if message.startswith("<Exit"):
            wire.send(self._sock, wire.whole(1))
            self._leave(0)
            return False
        for answer in self._answer(message):
            wire.send(self._sock, answer)
        return True

    def _answer(self, message: str) -> Answer:
        """What the game says.

        Raises:
            Dropped: If nobody knows such a message.
        """
        game = self._game
        inside = message.partition(">")[2].rpartition("<")[0]
        answers: dict[str, Callable[[], Answer]] = {
            "<StepClient": lambda: game.step_client(message),
            "<StepServer": game.step_server,
            "<Peek": game.peek,
            "<Init": game.forget,
            "<Find": lambda: game.find(inside),
            "<MissionInit": lambda: self._mission(message),
            "<Quit": game.quit,
            "<Close": lambda: game.forget(inside),
            "<Status": lambda: [b"{}"],
            "<Echo": lambda: [f"<Echo>{message}</Echo>".encode()],
        }
        for opening, answer in answers.items():
            if message.startswith(opening):
                return answer()
        raise Dropped(f"Unknown env service command: {message}")

    def _mission(self, message: str) -> Answer:
        token = wire.receive(self._sock) or b""
        answer = self._game.mission(message, token.decode())
        self._plays |= answer == [wire.whole(1)]
        return answer
