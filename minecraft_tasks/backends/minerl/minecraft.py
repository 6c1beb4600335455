"""One Minecraft that is kept running: shows levels, and is replaced when it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minecraft_tasks.backends.minerl.connection import Connection, Trouble
from minecraft_tasks.backends.minerl.machine.home import Home
from minecraft_tasks.backends.minerl.machine.options import launch_folder
from minecraft_tasks.backends.minerl.machine.ports import HeldPort, one_launch_at_a_time
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError


class NoLevel(FalseBeaconError):
    """A level that did not stand in as many attempts as are allowed."""


NO_JAR = (
    "Minecraft was not built in {root}: `falsebeacon doctor` says what is missing, and"
    " docs/minerl.md how to build it; or start Minecraft yourself and name its port."
)


class Minecraft:
    """A Minecraft with the worker that holds it, both replaced when anything goes wrong.

    Args:
        index: Which of the workers.
        home: The prepared folder of MineRL.
        settings: How Minecraft is run.

    Attributes:
        restarts: How often it was replaced after trouble.
    """

    def __init__(self, index: int, home: Home, settings: MineRLSettings) -> None:
        self._index, self._home, self._settings = index, home, settings
        self._connection: Connection | None = None
        self._port: HeldPort | None = None
        self._episodes = 0
        self._over = False
        self.restarts = 0

    def begin(self, mission: dict[str, Any]) -> tuple[dict[str, Any], np.ndarray]:
        """Shows a level, if need be by a new Minecraft.

        Returns:
            The worker's answer, and the first frame uint8[H, W, 3].

        Raises:
            NoLevel: If no Minecraft showed it in as many attempts as are allowed.
            FalseBeaconError: If Minecraft would never show it, or none can be started.
        """
        said: list[str] = []
        while len(said) < self._settings.attempts and not self._over:
            try:
                return self._connected().ask(
                    {"op": "begin", "mission": mission}, self._settings.reset_seconds
                )
            except Trouble as error:
                said.append(str(error))
                self.drop()
        raise NoLevel(
            f"no level stands in Minecraft {self._index} after {len(said)} attempts:\n"
            + "\n".join(said)
        )

    def tell_act(self, keys: list[str], turn: float, ticks: int) -> None:
        """Asks for one decision; `hear_act` gives what came of it.

        Raises:
            Trouble: If nobody is there to be asked.
        """
        request = {"op": "act", "keys": keys, "turn": turn, "ticks": ticks}
        self._ask(lambda link: link.tell(request))

    def hear_act(self) -> tuple[dict[str, Any], np.ndarray]:
        """What came of the decision that was asked for.

        Raises:
            Trouble: If the decision was not carried out as asked; the episode is lost.
        """
        return self._ask(lambda link: link.hear("act", self._settings.step_seconds))

    def say(self, commands: list[str]) -> tuple[dict[str, Any], np.ndarray]:
        """Gives commands to the game's console.

        Raises:
            Trouble: As `hear_act`.
        """
        request = {"op": "say", "commands": commands}
        return self._ask(lambda link: link.ask(request, self._settings.step_seconds))

    def drop(self) -> None:
        """Ends it at once; the next level starts a new one."""
        if self._connection is not None:
            self._connection.kill()
            self._connection = None
            self.restarts += 1
        self._release()

    def give_up(self) -> None:
        """Ends it at once, and every attempt to show a level that another thread makes."""
        self._over = True
        self.drop()

    def close(self) -> None:
        """Ends it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._release()

    def _release(self) -> None:
        if self._port is not None:
            self._port.release()
            self._port = None

    def _ask(self, request: Callable[[Connection], Any]) -> Any:
        if self._connection is None:
            raise Trouble(f"Minecraft {self._index} is not running.")
        try:
            return request(self._connection)
        except Trouble:
            self.drop()
            raise

    def _connected(self) -> Connection:
        worn = self._episodes >= self._settings.restart_every and not self._settings.attach
        if worn:
            self.close()
        if self._connection is None:
            self._connection = self._started()
            self._episodes = 0
        self._episodes += 1
        return self._connection

    def _started(self) -> Connection:
        settings = self._settings
        if settings.attach:
            self._port = HeldPort(settings.attach[self._index], running=True)
            return self._linked(lambda link: link.attach(settings.attach[self._index]))
        if not self._home.jar.is_file():
            raise FalseBeaconError(NO_JAR.format(root=self._home.malmo))
        port = self._port = HeldPort(settings.first_port)

        def launch(link: Connection) -> None:
            with one_launch_at_a_time():
                link.launch(launch_folder(self._home), port.number, settings.launch_seconds)

        return self._linked(launch)

    def _linked(self, start: Callable[[Connection], None]) -> Connection:
        """A worker whose Minecraft has started, or nothing of either."""
        link = None
        try:
            link = Connection(self._home, f"Minecraft {self._index}")
            start(link)
        except BaseException:
            if link is not None:
                link.kill()
            self._release()
            raise
        return link
