"""Contenders that take turns, each in a process of its own, so that none slows another."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any

from benchmarks.contenders import Step

Turn = Callable[[Any], Any]
"""Carries out one turn: from a request to its figures."""


def _serve(connection: Connection, name: str, make: Any, arguments: tuple[Any, ...]) -> None:
    # Some leave files in their working directory, the last of them when they are closed.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                first, turn = make(*arguments)
        except Exception as error:
            connection.send(f"{name}: {type(error).__name__}: {error}")
            return
        connection.send(first)
        while (request := connection.recv()) is not None:
            connection.send(turn(request))


class Child:
    """A process that takes turns.

    Args:
        name: In errors.
        make: Called in the process; gives its first answer, and a `Turn`.
        arguments: Of `make`.
    """

    def __init__(self, name: str, make: Callable[..., tuple[Any, Turn]], *arguments: Any) -> None:
        context = multiprocessing.get_context("spawn")
        self._name = name
        self._connection, end = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(end, name, make, arguments), daemon=True
        )
        self._process.start()
        end.close()

    def answer(self) -> Any:
        """Waits for the first answer, or that to the last request.

        Raises:
            RuntimeError: If `make` failed, or the process has ended.
        """
        try:
            answer = self._connection.recv()
        except (EOFError, ConnectionResetError):
            raise RuntimeError(f"{self._name}: its process ended before it answered") from None
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return answer

    def turn(self, request: Any) -> Any:
        """Asks for one turn, and waits for its figures."""
        self._connection.send(request)
        return self.answer()

    def close(self) -> None:
        """Ends the process."""
        with contextlib.suppress(BrokenPipeError):
            self._connection.send(None)
        self._process.join()
        self._connection.close()


def stepping(make: Callable[..., Step], *arguments: int) -> tuple[tuple[int, int], Turn]:
    """The height and width of an environment's observation, and its steps per second in a turn."""
    step = make(*arguments)

    def turn(seconds: float) -> float:
        calls, start = 0, perf_counter()
        while (taken := perf_counter() - start) < seconds:
            step()
            calls += 1
        return calls / taken

    return step().shape[-3:-1], turn


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """Binds this thread, and the processes it starts, to one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
