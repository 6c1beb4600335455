"""The process that holds one Minecraft: answers requests on a socket that it was started with.

Run by the Python of MineRL's own environment, as ``python -m worker``.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import argparse
import os
import select
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from . import shims
from .processes import MARK, end
from .wire import WireError, receive, send


class Worker:
    """Answers requests, one at a time.

    Args:
        sdist: The unpacked MineRL.

    Attributes:
        waited: Seconds that Minecraft took to answer, of the request that is being answered.
    """

    def __init__(self, sdist: Path) -> None:
        from minerl.env import malmo

        self._malmo = malmo
        self._sdist = sdist
        self._instance: Any = None
        self._env: Any = None
        self.waited = 0.0

    def launch(self, request: dict[str, Any]) -> dict[str, Any]:
        """Starts Minecraft by MineRL's own launch code, from the folder and on the port given."""
        manager = self._malmo.InstanceManager
        manager.MINECRAFT_DIR = request["minecraft"]
        manager.headless = True
        instance = self._malmo.MinecraftInstance(request["port"])
        # As a "daemon": MineRL's own watcher cannot be imported here, and its parent cleans up.
        instance.launch(daemonize=True, replaceable=False)
        instance.had_to_clean = False
        manager._instance_pool.append(instance)
        self._take(instance)
        return {"port": instance.port, "pid": instance.minecraft_process.pid}

    def attach(self, request: dict[str, Any]) -> dict[str, Any]:
        """Uses a Minecraft that runs already."""
        instance = self._malmo.MinecraftInstance(request["port"], existing=True)
        instance._port = request["port"]
        instance.had_to_clean = False
        self._take(instance)
        return {"port": request["port"]}

    def check(self, request: dict[str, Any]) -> dict[str, Any]:
        """What Minecraft would not take of a mission; nothing is sent to it."""
        from .environment import LevelEnv

        mission = request["mission"]
        return {"complaints": LevelEnv(None, self._sdist, mission).check(mission)}

    def begin(self, request: dict[str, Any]) -> dict[str, Any]:
        """Shows a level."""
        frame, said = self._level(request["mission"]).begin(request["mission"])
        return {"pose": said, "frame": frame}

    def act(self, request: dict[str, Any]) -> dict[str, Any]:
        """One decision."""
        frame, poses = self._env.act(request["keys"], request["turn"], request["ticks"])
        return {"poses": poses, "frame": frame}

    def say(self, request: dict[str, Any]) -> dict[str, Any]:
        """Console commands."""
        frame, said = self._env.say(request["commands"])
        return {"pose": said, "frame": frame}

    def close(self, request: dict[str, Any]) -> dict[str, Any]:
        """Tells Minecraft that nobody listens any more; whoever asks ends its process."""
        if self._env is not None:
            self._env._TO_MOVE_clean_connection(self._instance)
        return {}

    def _take(self, instance: Any) -> None:
        """Uses an instance from now on, and counts how long its answers are waited for."""
        hear = instance.client_socket_recv_message

        def timed() -> bytes | None:
            began = monotonic()
            try:
                return hear()
            finally:
                self.waited += monotonic() - began

        instance.client_socket_recv_message = timed
        self._instance = instance

    def _level(self, mission: dict[str, Any]) -> Any:
        from .environment import LevelEnv

        if self._env is None:
            self._env = LevelEnv(self._instance, self._sdist, mission)
        return self._env


def answer(worker: Worker, request: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """What to send back for a request, and its frame."""
    operation, worker.waited = request.pop("op"), 0.0
    try:
        reply = getattr(worker, operation)(request)
    except Exception as error:
        # Anything may come out of MineRL; the other side decides what it means.
        traceback.print_exc()
        text = str(error) or type(error).__name__
        return {"error": type(error).__name__, "text": text}, []
    frame, reply["waited"] = reply.pop("frame", None), worker.waited
    if frame is None:
        return reply, []
    return {**reply, "shape": list(frame.shape)}, [np.asarray(frame, np.uint8).tobytes()]


def main() -> None:
    """Serves the socket until the other side is gone."""
    parser = argparse.ArgumentParser(prog="worker", description=__doc__)
    parser.add_argument("--socket", type=int, required=True, help="file descriptor")
    parser.add_argument("--sdist", type=Path, required=True, help="unpacked MineRL")
    options = parser.parse_args()
    # The parent decides when to stop; Ctrl-C in its terminal is sent to this process too.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    shims.install(options.sdist)
    worker = Worker(options.sdist)
    with socket.socket(fileno=options.socket) as link:
        threading.Thread(target=_watch, args=(link,), daemon=True).start()
        try:
            send(link, {"ready": True, "pid": os.getpid(), "python": sys.version.split()[0]})
            while True:
                request, _ = receive(link)
                done = request["op"] == "close"
                send(link, *answer(worker, request))
                if done:
                    # Without the exit handlers of MineRL, which wait for a Minecraft to end.
                    os._exit(0)
        except WireError:
            _forsaken()


def _watch(link: socket.socket) -> None:
    """Ends everything as soon as the parent is gone, whatever is being waited for."""
    gone = select.poll()
    gone.register(link, select.POLLRDHUP)
    gone.poll()
    _forsaken()


def _forsaken() -> None:
    # Without a parent nothing here is of use, Minecraft included.
    end(Path(os.environ[MARK]))
    os._exit(1)


if __name__ == "__main__":
    main()
