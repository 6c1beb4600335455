"""Environments that step by turns, each in a process of its own, all on one core."""

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


def _play(connection: Connection, make: Callable[..., Step], arguments: tuple[int, ...]) -> None:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            step = make(*arguments)
            connection.send(step().shape[-3:-1])
    except Exception as error:
        connection.send(f"{make.__name__}: {type(error).__name__}: {error}")
        return
    while (seconds := connection.recv()) is not None:
        calls, start = 0, perf_counter()
        while (taken := perf_counter() - start) < seconds:
            step()
            calls += 1
        connection.send(calls / taken)


def _work(connection: Connection, make: Callable[..., Step], arguments: tuple[int, ...]) -> None:
    # Some leave files where they run, and the last of them when they are closed.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        _play(connection, make, arguments)


class Contender:
    """One environment in a process of its own.

    Args:
        make: Makes the step; the first of its arguments is the number of environments.
        arguments: Passed to it.
    """

    def __init__(self, make: Callable[..., Step], *arguments: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._name, self._num_envs = make.__name__, arguments[0]
        self.steps_per_second = 0.0
        self._connection, end = context.Pipe()
        self._process = context.Process(target=_work, args=(end, make, arguments), daemon=True)
        self._process.start()
        end.close()

    def _answer(self) -> Any:
        try:
            answer = self._connection.recv()
        except (EOFError, ConnectionResetError):
            raise RuntimeError(f"{self._name}: its process ended before it answered") from None
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return answer

    def ready(self) -> tuple[int, int]:
        """Waits until it has taken its first step.

        Returns:
            Height and width of its observation.

        Raises:
            RuntimeError: If it cannot be made.
        """
        return self._answer()

    def turn(self, seconds: float, counts: bool) -> None:
        """Steps for so many seconds; keeps the rate if it is the best of those that count."""
        self._connection.send(seconds)
        rate = self._answer() * self._num_envs
        if counts:
            self.steps_per_second = max(self.steps_per_second, rate)

    def close(self) -> None:
        """Ends its process."""
        with contextlib.suppress(BrokenPipeError):
            self._connection.send(None)
        self._process.join()
        self._connection.close()


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """Binds this thread, and the processes it starts, to one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
