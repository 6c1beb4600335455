"""How many runs fit on this machine at once, and how many threads each gets."""

from __future__ import annotations

from typing import NamedTuple

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.parallel import available
from minecraft_tasks.core.processes import free_memory

GIB = 2**30
RUN_GIB = 1.5
"""Memory of a run with its judging: the demo in README.md took 1.2 at the most."""


class Resources(NamedTuple):
    """Runs at once, threads of each, and in words why."""

    jobs: int
    threads: int
    reason: str


def fit_resources(
    runs: int,
    jobs: int | None = None,
    threads: int | None = None,
    cores: int | None = None,
    memory: float | None = None,
) -> Resources:
    """As many runs at once as cores and memory (GiB) allow, and the cores divided among them.

    `jobs` and `threads` lay either down; `cores` and `memory` are what is free here by default.

    Raises:
        FalseBeaconError: If less than one run at a time is asked for.
    """
    if jobs is not None and jobs < 1:
        raise FalseBeaconError(f"at least one run at a time is needed, not {jobs}.")
    cores = available() if cores is None else cores
    memory = free_memory() / GIB if memory is None else memory
    chosen = jobs or max(1, min(cores // (threads or 1), int(memory / RUN_GIB), runs))
    each = threads or max(1, cores // chosen)
    text = f"{chosen} at a time with {each} thread{'s' * (each > 1)} each"
    if jobs is None:
        text += f" ({cores} cores, {memory:.1f} GiB of memory free, {RUN_GIB} GiB a run)"
    elif chosen * each > cores or chosen * RUN_GIB > memory:
        text += f" (more than fits: {cores} cores, {memory:.1f} GiB of memory free)"
    return Resources(chosen, each, text)
