"""Fewest decisions to a candidate in every level of a bank."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.core.cache import kept_rows
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.navigation.cost_to_go import UNREACHABLE, cost_at, cost_to_go
from minecraft_tasks.navigation.lattice import make_lattice
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.worlds.world import Pose


def fewest_decisions(spec: TaskSpec, bank: LevelBank, candidate: int) -> np.ndarray:
    """Fewest decisions from the spawn to a candidate: float64[L], infinite where there is no way.

    A level takes some 50 ms to plan for, so results are kept on disk.

    Raises:
        FalseBeaconError: If the task has no `TaskSpec.headings`.
    """
    sites, moves = bank.sites[:, candidate], (spec.ticks, spec.headings)
    return kept_rows("fewest", str(moves), _plan, (bank.blocks, bank.spawn, sites), moves)


def _plan(
    blocks: np.ndarray, spawn: np.ndarray, sites: np.ndarray, ticks: int, headings: int
) -> np.ndarray:
    found = np.full(len(blocks), np.inf)
    for row, site in enumerate(sites):
        if np.isnan(site[0]):
            continue
        x, y, z = spawn[row, :3].tolist()
        lattice = make_lattice(blocks[row], ticks, headings, (x, y, z))
        cost = cost_at(lattice.height, cost_to_go(lattice, site), Pose(*spawn[row]))
        found[row] = cost if cost < UNREACHABLE else np.inf
    return found
