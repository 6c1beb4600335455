"""One worker process and its Minecraft, asked with a time limit on every answer."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from minecraft_tasks.backends.minerl.logs import keep, last_words
from minecraft_tasks.backends.minerl.machine.home import Home
from minecraft_tasks.backends.minerl.machine.leftovers import PREFIX, claim
from minecraft_tasks.backends.minerl.worker.processes import MARK, end
from minecraft_tasks.backends.minerl.worker.wire import WireError, receive, send
from minecraft_tasks.core.errors import FalseBeaconError

log = logging.getLogger(__name__)

READY_SECONDS = 60.0
CLOSE_SECONDS = 15.0


class Trouble(FalseBeaconError):
    """Minecraft, or the worker that holds it, did not do what it was asked; a new one may."""


class RefusedMission(FalseBeaconError):
    """A level that Minecraft would not show as it is; no other Minecraft would either."""


class Connection:
    """A worker process, from its start to its end.

    Everything that it starts carries a mark, and all its files lie in one folder, so that `close`
    and, after a crash, `leftovers.sweep` leave nothing behind.

    Args:
        home: The prepared folder of MineRL.
        name: What to call it in errors, such as ``Minecraft 2``.

    Attributes:
        log: File with what the worker and MineRL print.
    """

    def __init__(self, home: Home, name: str) -> None:
        self.name = name
        try:
            self._folder = Path(tempfile.mkdtemp(prefix=PREFIX))
            claim(self._folder)
        except OSError as error:
            raise FalseBeaconError(
                f"no folder for {name} in {tempfile.gettempdir()}: {error.strerror}. Make room"
                " there, or name another place in TMPDIR."
            ) from error
        self.log = self._folder / "worker.log"
        try:
            self._link, self._process = self._spawn(home)
        except OSError as error:
            end(self._folder)
            raise FalseBeaconError(
                f"{home.python} cannot be run: {error.strerror}. Delete {home.root} and run"
                " `make minerl` again."
            ) from error
        try:
            self._answer("start", READY_SECONDS)
        except BaseException:
            self.kill()
            raise

    def _spawn(self, home: Home) -> tuple[socket.socket, subprocess.Popen[bytes]]:
        """Starts the process, and gives this end of the socket to it."""
        ours, theirs = socket.socketpair()
        with theirs, self.log.open("wb") as said:
            process = subprocess.Popen(
                [home.python, "-m", "worker", "--socket", str(theirs.fileno()),
                 "--sdist", home.sdist],
                env={
                    **os.environ, MARK: str(self._folder), "TMPDIR": str(self._folder),
                    "PYTHONPATH": str(Path(__file__).parent),
                    "MALMO_MINECRAFT_OUTPUT_LOGDIR": str(self._folder),
                },
                cwd=self._folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                pass_fds=(theirs.fileno(),), start_new_session=True,
            )  # fmt: skip
        return ours, process

    def launch(self, minecraft: Path, port: int, seconds: float) -> None:
        """Starts Minecraft.

        Raises:
            Trouble: If it does not start in time, or on another port.
        """
        request = {"op": "launch", "minecraft": str(minecraft), "port": port}
        reply, _ = self.ask(request, seconds)
        if reply["port"] != port:
            raise self._trouble(f"took port {reply['port']} instead of {port}")

    def attach(self, port: int) -> None:
        """Uses the Minecraft that listens on a port already."""
        self.ask({"op": "attach", "port": port}, READY_SECONDS)

    def ask(self, request: dict[str, Any], seconds: float) -> tuple[dict[str, Any], np.ndarray]:
        """Sends a request and waits for its answer.

        Args:
            request: With ``op``, a method of the worker.
            seconds: Longest wait.

        Returns:
            The answer, and its frame uint8[H, W, 3]; empty if it has none.

        Raises:
            RefusedMission: If Minecraft would not show the level.
            Trouble: If anything else went wrong; the worker is of no use any more.
        """
        self.tell(request)
        return self.hear(request["op"], seconds)

    def tell(self, request: dict[str, Any]) -> None:
        """Sends a request whose answer `hear` waits for."""
        try:
            send(self._link, request)
        except WireError as error:
            raise self._trouble(f"could not be asked to {request['op']}: {error}") from error

    def hear(self, operation: str, seconds: float) -> tuple[dict[str, Any], np.ndarray]:
        """Waits for the answer to the request that was sent last; see `ask`."""
        reply, blobs = self._answer(operation, seconds)
        if reply.get("error") == "Refused":
            raise RefusedMission(f"Minecraft would not show this level: {reply['text']}.")
        if "error" in reply:
            raise self._trouble(f"failed to {operation}: {reply['text']}")
        frame = np.empty((0, 0, 3), np.uint8)
        if blobs:
            frame = np.frombuffer(blobs[0], np.uint8).reshape(reply["shape"])
        return reply, frame

    def close(self) -> None:
        """Ends Minecraft and the worker, gently if they listen, and deletes their files."""
        with suppress(Trouble):
            self.ask({"op": "close"}, CLOSE_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Ends Minecraft and the worker at once, and deletes their files."""
        self._link.close()
        end(self._folder)
        self._process.wait()

    def _answer(self, operation: str, seconds: float) -> tuple[dict[str, Any], list[bytes]]:
        self._link.settimeout(seconds)
        try:
            return receive(self._link)
        except TimeoutError as error:
            raise self._trouble(f"gave no answer to {operation} in {seconds:g} s") from error
        except WireError as error:
            raise self._trouble(f"died during {operation}: {error}") from error

    def _trouble(self, what: str) -> Trouble:
        kept = keep(self._folder)
        if kept is not None:
            log.warning("the logs of %s are kept in %s", self.name, kept)
        return Trouble(f"{self.name} {what}; it last said: {last_words(self.log)}")
