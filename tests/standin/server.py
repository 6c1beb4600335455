"""Listens, and gives each connection a thread, as `MalmoEnvServer` does.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

from tests.standin.connection import Connection
from tests.standin.faults import Faults
from tests.standin.game import Game
from tests.standin.log import Log
from tests.standin.mission import Missions


class Server:
    """One game on one port.

    Attributes:
        port: Where it listens.
        game: What answers.
    """

    def __init__(
        self, port: int, schemas: Path, faults: Faults, log: Log, leave: Callable[[int], object]
    ) -> None:
        """Listens on this machine only.

        Args:
            port: Where, or 0 for any that is free.
            schemas: Malmo's folder of schemas.
            faults: What goes wrong.
            log: What is told.
            leave: Ends the process with a status, when a client says Exit.

        Raises:
            OSError: If the port is taken.
        """
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self.game = Game(Missions(schemas), faults, log, self.port)
        self._faults = faults
        self._log = log
        self._leave = leave

    def serve(self) -> None:
        """Serves until `close`."""
        number = 0
        while True:
            try:
                sock, _ = self._socket.accept()
            except OSError:
                return
            number += 1
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            welcome = "bad-version" not in self._faults.take("connection", number)
            connection = Connection(sock, self.game, self._log, self._leave)
            threading.Thread(target=connection.attend, args=(welcome,), daemon=True).start()

    def close(self) -> None:
        """Stops listening; connections go on."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
