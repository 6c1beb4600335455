"""A worker process and its Minecraft; every request has a time limit."""

from __future__ import annotations

import logging
import os
import socket
import struct
import subprocess
import tempfile
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection as Link
from pathlib import Path
from typing import Any

from minecraft_tasks.backends.minerl.machine.home import Home
from minecraft_tasks.backends.minerl.machine.leftovers import PREFIX, claim, keep_logs, last_line
from minecraft_tasks.backends.minerl.worker.processes import MARK, end
from minecraft_tasks.core.errors import FalseBeaconError

log = logging.getLogger(__name__)

READY_SECONDS = 60.0
CLOSE_SECONDS = 15.0
PART_SECONDS = 15
"""Longest wait for the rest of an answer that has begun to arrive."""


class Trouble(FalseBeaconError):
    """A failure of Minecraft or of its worker; a new one may succeed."""


class RefusedMission(FalseBeaconError):
    """A level that no Minecraft would show as it is."""


class Connection:
    """A worker process, from its start to its end.

    Everything that it starts carries a mark, and all its files lie in one folder, so that `close`
    and, after a crash, `leftovers.sweep` leave nothing behind.

    Args:
        home: The prepared folder of MineRL.
        name: Its name in errors, such as ``Minecraft 2``.
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
        self._log = self._folder / "worker.log"
        try:
            self._link, self._process = self._spawn(home)
        except OSError as error:
            end(self._folder)
            raise FalseBeaconError(
                f"{home.python} cannot be run: {error.strerror}. Delete {home.root} and run"
                " `make minerl` again."
            ) from error
        try:
            self.hear("start", READY_SECONDS)
        except BaseException:
            self.kill()
            raise

    def _spawn(self, home: Home) -> tuple[Link, subprocess.Popen[bytes]]:
        """Starts the process, with the other end of the link."""
        ours, theirs = Pipe()
        with theirs, self._log.open("wb") as log:
            process = subprocess.Popen(
                [home.python, "-m", "worker", "--link", str(theirs.fileno()),
                 "--sdist", home.sdist],
                env={
                    **os.environ, MARK: str(self._folder), "TMPDIR": str(self._folder),
                    "PYTHONPATH": str(Path(__file__).parent),
                    "MALMO_MINECRAFT_OUTPUT_LOGDIR": str(self._folder),
                },
                cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=(theirs.fileno(),), start_new_session=True,
            )  # fmt: skip
        with socket.socket(fileno=os.dup(ours.fileno())) as link:
            limit = struct.pack("ll", PART_SECONDS, 0)
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        return ours, process

    def launch(self, minecraft: Path, port: int, seconds: float) -> None:
        """Starts Minecraft.

        Raises:
            Trouble: If it does not start in time, or on another port.
        """
        request = {"op": "launch", "minecraft": str(minecraft), "port": port}
        taken = self.ask(request, seconds)["port"]
        if taken != port:
            raise self._trouble(f"took port {taken} instead of {port}")

    def attach(self, port: int) -> None:
        """Uses the Minecraft that already listens on a port."""
        self.ask({"op": "attach", "port": port}, READY_SECONDS)

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Sends a request and waits for its answer.

        Args:
            request: With ``op``, a method of the worker, and its arguments.
            seconds: Longest wait.

        Returns:
            The method's result; a ``frame`` in it is uint8[H, W, 3].

        Raises:
            RefusedMission: If Minecraft would not show the level.
            Trouble: If anything else failed; the worker is of no use any more.
        """
        self.tell(request)
        return self.hear(request["op"], seconds)

    def tell(self, request: dict[str, Any]) -> None:
        """Sends a request; `hear` waits for its answer."""
        try:
            self._link.send(request)
        except OSError as error:
            raise self._trouble(f"could not be sent {request['op']}: {error}") from error

    def hear(self, operation: str, seconds: float) -> dict[str, Any]:
        """Waits for the answer to the last request; see `ask`."""
        try:
            if not self._link.poll(seconds):
                raise self._trouble(f"gave no answer to {operation} in {seconds:g} s")
            reply = self._link.recv()
        except BlockingIOError as error:
            raise self._trouble(f"stopped amid its answer to {operation}") from error
        except (EOFError, OSError) as error:
            raise self._trouble(f"died during {operation}") from error
        if reply.get("error") == "MissionRefused":
            raise RefusedMission(f"Minecraft would not show this level: {reply['text']}.")
        if "error" in reply:
            raise self._trouble(f"failed to {operation}: {reply['text']}")
        return reply

    def close(self) -> None:
        """Asks Minecraft and the worker to end, ends them, and deletes their files."""
        with suppress(Trouble):
            self.ask({"op": "close"}, CLOSE_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Ends Minecraft and the worker at once, and deletes their files."""
        self._link.close()
        end(self._folder)
        self._process.wait()

    def _trouble(self, what: str) -> Trouble:
        kept = keep_logs(self._folder)
        if kept is not None:
            log.warning("the logs of %s are kept in %s", self.name, kept)
        return Trouble(f"{self.name} {what}; the last line of its log: {last_line(self._log)}")
