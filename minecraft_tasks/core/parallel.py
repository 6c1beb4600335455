"""Work spread over processes, and the number of processors."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar


def available() -> int:
    """CPUs that this process may use: no more than OMP_NUM_THREADS, where that is set."""
    every = os.cpu_count() or 1
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else every
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(count, max(int(wanted), 1)) if wanted.isdecimal() else count


T = TypeVar("T")


def spread(work: Callable[..., T], jobs: Sequence[tuple[Any, ...]]) -> Iterator[T]:
    """Results of a module's function for each tuple of arguments, in order, one process per CPU."""
    count = min(available(), len(jobs))
    if count < 2:
        for job in jobs:
            yield work(*job)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, _one_thread) as pool:
        try:
            # Ctrl-C reaches every process of a terminal; this one decides what happens then.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                futures = [pool.submit(work, *job) for job in jobs]
            finally:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            for future in futures:
                yield future.result()
        except BaseException:
            # The pool would wait for its processes to finish the work.
            for process in list(pool._processes.values()):
                process.terminate()
            raise


def _one_thread() -> None:
    from numba import set_num_threads

    set_num_threads(1)
