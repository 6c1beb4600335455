"""The process that holds one Minecraft and answers requests on a link that it inherits.

The Python of MineRL's own environment runs it as ``python -m worker``.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import argparse
import os
import select
import signal
import threading
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from typing import Any

from . import shims
from .processes import MARK, end


class Worker:
    """Answers requests, one at a time.

    Args:
        sdist: The unpacked MineRL.

    Attributes:
        waited: Seconds that Minecraft took to answer during the current request.
    """

    def __init__(self, sdist: Path) -> None:
        from minerl.env import malmo

        self._malmo = malmo
        self._sdist = sdist
        self._instance: Any = None
        self._env: Any = None
        self.waited = 0.0

    def launch(self, minecraft: str, port: int) -> dict[str, Any]:
        """Starts Minecraft by MineRL's own launch code, from the folder and on the port given."""
        manager = self._malmo.InstanceManager
        manager.MINECRAFT_DIR = minecraft
        manager.headless = True
        instance = self._malmo.MinecraftInstance(port)
        # As a "daemon": MineRL's own watcher cannot be imported here, and its parent cleans up.
        instance.launch(daemonize=True, replaceable=False)
        manager._instance_pool.append(instance)
        self._take(instance)
        return {"port": instance.port}

    def attach(self, port: int) -> dict[str, Any]:
        """Uses a Minecraft that already runs."""
        instance = self._malmo.MinecraftInstance(port, existing=True)
        instance._port = port
        self._take(instance)
        return {}

    def check(self, mission: dict[str, Any]) -> dict[str, Any]:
        """Lists what Minecraft would refuse in a mission; nothing is sent to it."""
        from .environment import LevelEnv

        return {"complaints": LevelEnv(None, self._sdist, mission).check(mission)}

    def begin(self, mission: dict[str, Any]) -> dict[str, Any]:
        """Shows a level."""
        from .environment import LevelEnv

        if self._env is None:
            self._env = LevelEnv(self._instance, self._sdist, mission)
        return self._env.begin(mission)

    def act(self, **decision: Any) -> dict[str, Any]:
        """Carries out one decision."""
        return self._env.act(**decision)

    def say(self, commands: list[str]) -> dict[str, Any]:
        """Gives console commands."""
        return self._env.say(commands)

    def close(self) -> dict[str, Any]:
        """Tells Minecraft that its client leaves; the other side ends its process."""
        if self._env is not None:
            self._env._TO_MOVE_clean_connection(self._instance)
        return {}

    def _take(self, instance: Any) -> None:
        """Uses an instance from now on, and times the waits for its answers."""
        instance.had_to_clean = False
        hear = instance.client_socket_recv_message

        def timed() -> bytes | None:
            began = monotonic()
            try:
                return hear()
            finally:
                self.waited += monotonic() - began

        instance.client_socket_recv_message = timed
        self._instance = instance


def answer(worker: Worker, op: str, **arguments: Any) -> dict[str, Any]:
    """The answer to a request."""
    worker.waited = 0.0
    try:
        return {**getattr(worker, op)(**arguments), "waited": worker.waited}
    except Exception as error:
        # MineRL may raise anything; the other side decides what it means.
        traceback.print_exc()
        name = type(error).__name__
        return {"error": name, "text": str(error) or name}


def main() -> None:
    """Serves the link until the other side closes it."""
    parser = argparse.ArgumentParser(prog="worker", description=__doc__)
    parser.add_argument("--link", type=int, required=True, help="file descriptor")
    parser.add_argument("--sdist", type=Path, required=True, help="unpacked MineRL")
    options = parser.parse_args()
    # The parent decides when to stop; Ctrl-C in its terminal is sent to this process too.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    shims.install(options.sdist)
    worker = Worker(options.sdist)
    link = Connection(options.link)
    threading.Thread(target=_watch, args=(link,), daemon=True).start()
    try:
        link.send({})
        while True:
            request = link.recv()
            link.send(answer(worker, **request))
            if request["op"] == "close":
                # Without the exit handlers of MineRL, which wait for a Minecraft to end.
                os._exit(0)
    except (EOFError, OSError):
        _end_all()


def _watch(link: Connection) -> None:
    """Ends everything as soon as the parent has ended, even amid a request."""
    gone = select.poll()
    gone.register(link, select.POLLRDHUP)
    gone.poll()
    _end_all()


def _end_all() -> None:
    end(Path(os.environ[MARK]))
    os._exit(1)


if __name__ == "__main__":
    main()
