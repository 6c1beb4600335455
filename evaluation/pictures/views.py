"""Bearing and visibility of candidates from the spawn, by the engine."""

from __future__ import annotations

import numpy as np

from evaluation.pictures.maps import site_boxes
from evaluation.records.placements import Placements, level_indices
from minecraft_tasks.admission.rules import candidates_seen
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.worlds.world import Pose, Site, World


def place(spec: TaskSpec, bank: LevelBank) -> Placements:
    """Bearing and visibility of every candidate of every level."""
    backend = VoxelBackend(1, spec.world_shape)
    shown = np.zeros((len(bank), len(spec.candidates)), bool)
    for row in range(len(bank)):
        visible = candidates_seen(spec, backend, _world(spec, bank, row))
        shown[row] = [name in visible for name in spec.candidate_names]
    turned = compass_bearings(bank.spawn, bank.sites)
    columns = {
        "split": np.array(bank.splits, object),
        "level": level_indices(bank.splits),
        "level_seed": bank.seeds,
    }
    for index, name in enumerate(spec.candidate_names):
        columns |= {f"bearing_{name}": turned[:, index], f"seen_{name}": shown[:, index]}
    return Placements(columns)


def _world(spec: TaskSpec, bank: LevelBank, row: int) -> World:
    sites = {name: Site(*box) for name, box in site_boxes(spec, bank, row).items()}
    spawn, nothing = Pose(*bank.spawn[row].tolist()), np.zeros((0, 0), np.uint8)
    return World(bank.blocks[row], spawn, sites, nothing, int(bank.time[row]))


def compass_bearings(spawn: np.ndarray, sites: np.ndarray) -> np.ndarray:
    """Angles of the middle of each site to the right of the spawn's heading.

    Args:
        spawn: float64[L, 5] x, y, z (blocks), yaw, pitch (degrees; yaw 0 south, 90 west).
        sites: float64[L, C, 6] boxes in blocks, NaN where absent.

    Returns:
        float64[L, C] degrees from -180 to 180, negative to the left, NaN where absent.
    """
    east = (sites[..., 0] + sites[..., 3]) / 2 - spawn[:, None, 0]
    south = (sites[..., 2] + sites[..., 5]) / 2 - spawn[:, None, 2]
    yaw = np.radians(spawn[:, None, 3])
    ahead = -east * np.sin(yaw) + south * np.cos(yaw)
    right = -east * np.cos(yaw) - south * np.sin(yaw)
    return np.degrees(np.arctan2(right, ahead))
