"""One Minecraft that shows levels, and is replaced when it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minecraft_tasks.backends.minerl.connection import Connection, Trouble
from minecraft_tasks.backends.minerl.machine.home import Home
from minecraft_tasks.backends.minerl.machine.options import launch_folder
from minecraft_tasks.backends.minerl.machine.ports import HeldPort, one_launch_at_a_time
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError


class NoLevel(FalseBeaconError):
    """A level that Minecraft did not show within the allowed attempts."""


class Minecraft:
    """A Minecraft with its worker; both are replaced after any failure.

    Args:
        index: Number of the worker.
        home: The prepared folder of MineRL.
        settings: How Minecraft is run.

    Attributes:
        restarts: Replacements after a failure.
    """

    def __init__(self, index: int, home: Home, settings: MineRLSettings) -> None:
        self._index, self._home, self._settings = index, home, settings
        self._connection: Connection | None = None
        self._port: HeldPort | None = None
        self._episodes = 0
        self._over = False
        self.restarts = 0

    def begin(self, mission: dict[str, Any]) -> dict[str, Any]:
        """Shows a level, in a new Minecraft where needed.

        Returns:
            The worker's answer, with the first ``frame`` uint8[H, W, 3].

        Raises:
            NoLevel: If no Minecraft showed it within the allowed attempts.
            FalseBeaconError: If Minecraft would never show it, or cannot be started.
        """
        errors: list[str] = []
        while len(errors) < self._settings.attempts and not self._over:
            try:
                return self._connected().ask(
                    {"op": "begin", "mission": mission}, self._settings.reset_seconds
                )
            except Trouble as error:
                errors.append(str(error))
                self.drop()
        raise NoLevel(
            f"no level stands in Minecraft {self._index} after {len(errors)} attempts:\n"
            + "\n".join(errors)
        )

    def tell_act(self, keys: list[str], turn: float, ticks: int) -> None:
        """Asks for one decision; `hear_act` gives its result.

        Raises:
            Trouble: If Minecraft is not running.
        """
        request = {"op": "act", "keys": keys, "turn": turn, "ticks": ticks}
        self._ask(lambda link: link.tell(request))

    def hear_act(self) -> dict[str, Any]:
        """The result of the last decision.

        Raises:
            Trouble: If the decision was not carried out as asked; the episode is lost.
        """
        return self._ask(lambda link: link.hear("act", self._settings.step_seconds))

    def say(self, commands: list[str]) -> dict[str, Any]:
        """Gives commands to the game's console; raises `Trouble` as `hear_act` does."""
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
        """Ends it at once, and the attempts of other threads to show a level in it."""
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
        if self._episodes >= self._settings.restart_every and not self._settings.attach:
            self.close()
        if self._connection is None:
            self._connection = self._started()
            self._episodes = 0
        self._episodes += 1
        return self._connection

    def _started(self) -> Connection:
        settings, attach = self._settings, bool(self._settings.attach)
        if not attach and not self._home.jar.is_file():
            raise FalseBeaconError(
                f"Minecraft was not built in {self._home.malmo}: `falsebeacon doctor` names what is"
                " missing, docs/minerl.md how to build it; or start one and --attach its port."
            )
        first = settings.attach[self._index] if attach else settings.first_port
        port = self._port = HeldPort(first, running=attach)
        link = None
        try:
            link = Connection(self._home, f"Minecraft {self._index}")
            if attach:
                link.attach(port.number)
            else:
                with one_launch_at_a_time():
                    link.launch(launch_folder(self._home), port.number, settings.launch_seconds)
        except BaseException:
            if link is not None:
                link.kill()
            self._release()
            raise
        return link
