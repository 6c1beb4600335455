"""Level banks: many levels of one task as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from minecraft_tasks.spec import Split, TaskSpec
from minecraft_tasks.worlds.layout import layout_hash
from minecraft_tasks.worlds.world import Site, World


@dataclass(frozen=True)
class LevelBank:
    """Levels as arrays, ready to be copied into an engine.

    Attributes:
        blocks: uint8[L, X, Y, Z] palette ids.
        spawn: float64[L, 5] x, y, z (blocks), yaw, pitch (degrees).
        sites: float64[L, C, 6] box x0, y0, z0, x1, y1, z1 of each candidate for the feet;
            NaN where the candidate is absent.
        time: int64[L] time of day in ticks.
        seeds: int64[L] the seed each level was made from.
        time_limits: int64[L] decisions.
        sizes: int64[L] size, in the task's own unit; 0 where it was drawn between two bounds.
        optimal: float32[L, C] fewest decisions from the spawn to each candidate; NaN where it
            is absent or was not computed.
        pseudo_sites: float64[L, C, 6] box of each candidate's pseudo-site; NaN where there is none.
        pseudo_optimal: float32[L, C] fewest decisions to it; NaN where there is none.
        splits: Split name of each level.
        layouts: Layout hash of each level.
    """

    blocks: np.ndarray
    spawn: np.ndarray
    sites: np.ndarray
    time: np.ndarray
    seeds: np.ndarray
    time_limits: np.ndarray
    sizes: np.ndarray
    optimal: np.ndarray
    pseudo_sites: np.ndarray
    pseudo_optimal: np.ndarray
    splits: tuple[str, ...]
    layouts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.blocks)


def make_bank(
    spec: TaskSpec,
    worlds: Sequence[World],
    splits: Sequence[Split],
    seeds: Sequence[int],
    optimal: np.ndarray | None = None,
    pseudo: tuple[np.ndarray, np.ndarray] | None = None,
) -> LevelBank:
    """Stacks L worlds, each with its split and seed, into a bank.

    `optimal` float32[L, C] holds the fewest decisions, where known; `pseudo` the pseudo-sites
    float64[L, C, 6] and the fewest decisions to them float32[L, C].
    """
    extents = [split.size for split in splits]
    shape, nowhere = (len(worlds), len(spec.candidates)), Site(*[float("nan")] * 6)
    sites = [[world.sites.get(name, nowhere) for name in spec.candidate_names] for world in worlds]
    unknown = np.full(shape, np.nan, np.float32)
    boxes, decisions = pseudo or (np.full((*shape, 6), np.nan), unknown.copy())
    return LevelBank(
        blocks=np.stack([world.blocks for world in worlds]),
        spawn=np.array([world.spawn for world in worlds], np.float64),
        sites=np.array(sites),
        time=np.array([world.time for world in worlds], np.int64),
        seeds=np.array(seeds, np.int64),
        time_limits=np.array([split.time_limit for split in splits], np.int64),
        sizes=np.array([size[0] if size[0] == size[1] else 0 for size in extents], np.int64),
        optimal=unknown if optimal is None else optimal,
        pseudo_sites=boxes,
        pseudo_optimal=decisions,
        splits=tuple(split.name for split in splits),
        layouts=tuple(layout_hash(world.layout) for world in worlds),
    )


def join_banks(banks: Sequence[LevelBank]) -> LevelBank:
    """Concatenates banks."""
    joined = {}
    for part in fields(LevelBank):
        values = [getattr(bank, part.name) for bank in banks]
        joined[part.name] = (
            np.concatenate(values) if isinstance(values[0], np.ndarray) else sum(values, ())
        )
    return LevelBank(**joined)


def subset(bank: LevelBank, rows: np.ndarray) -> LevelBank:
    """The levels `rows` int64[K] of a bank, in that order."""
    picked = {}
    for part in fields(LevelBank):
        value = getattr(bank, part.name)
        kept = value[rows] if isinstance(value, np.ndarray) else tuple(value[row] for row in rows)
        picked[part.name] = kept
    return LevelBank(**picked)
