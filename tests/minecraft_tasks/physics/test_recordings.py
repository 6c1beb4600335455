"""The engine's movement against prismarine-physics, an independent implementation of Minecraft's.

`tests/physics_recorder/record.mjs` made the recordings and says how to make them anew.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecraft_tasks.physics.motion import replay

TESTS = Path(__file__).parents[2]
GOLDEN: dict[str, Any] = json.loads((TESTS / "golden" / "physics.json").read_text())
TICKS, TOLERANCE = 200, 1e-3
ON_OPEN_GROUND = {"walking", "turning", "strafing", "backing"}
AMONG_BLOCKS = {"climbing", "jumping", "sliding", "corners", "ledges", "ceilings", "mixed"}


@dataclass(frozen=True)
class Recording:
    """One trajectory.

    Attributes:
        solid: int[K, 3] cells.
        start: Feet in blocks.
        keys: T mappings as `replay` takes them.
        path: float64[T, 3] feet after each tick, by prismarine-physics, in blocks.
    """

    name: str
    kind: str
    solid: np.ndarray
    start: list[float]
    keys: list[dict[str, float]]
    path: np.ndarray


def cells(box: list[int]) -> np.ndarray:
    """int[K, 3] cells of a box (x0, y0, z0, x1, y1, z1) whose upper ends are excluded."""
    return np.argwhere(np.ones(np.subtract(box[3:], box[:3]), bool)) + box[:3]


def keys_of(script: list[tuple[int, str, float, float]]) -> list[dict[str, float]]:
    return [
        {**dict.fromkeys(held.split(), True), "yaw": yaw + turn * tick}
        for ticks, held, yaw, turn in script
        for tick in range(ticks)
    ]


def recording(row: dict[str, Any]) -> Recording:
    moved = np.reshape(row["moved"], (-1, 3)).cumsum(axis=0)
    return Recording(
        name=row["name"],
        kind=row["kind"],
        solid=np.concatenate([cells(box) for box in row["boxes"]]),
        start=row["start"],
        keys=keys_of(row["script"]),
        path=np.array(row["start"]) + moved * GOLDEN["unit"],
    )


RECORDINGS = [recording(row) for row in GOLDEN["recordings"]]
every_recording = pytest.mark.parametrize("recorded", RECORDINGS, ids=lambda each: each.name)


def farthest(recorded: Recording, path: np.ndarray) -> float:
    """Largest difference of a path from the recorded one on any axis in any tick, in blocks."""
    return float(np.abs(path - recorded.path).max())


@every_recording
def test_every_tick_agrees(recorded: Recording) -> None:
    path = replay(recorded.solid, recorded.start, recorded.keys)
    assert path.shape == recorded.path.shape == (TICKS, 3)
    assert farthest(recorded, path) <= TOLERANCE


@every_recording
def test_the_comparison_can_fail(recorded: Recording) -> None:
    mirrored = [{**keys, "yaw": -keys["yaw"]} for keys in recorded.keys]
    late = [{}, *recorded.keys[:-1]]
    assert farthest(recorded, replay(recorded.solid, recorded.start, mirrored)) > 0.5
    assert farthest(recorded, replay(recorded.solid, recorded.start, late)) > 100 * TOLERANCE


@every_recording
def test_blocks_are_met_where_they_should_be(recorded: Recording) -> None:
    floor = recorded.solid[recorded.solid[:, 1] == recorded.solid[:, 1].min()]
    away = farthest(recorded, replay(floor, recorded.start, recorded.keys))
    assert (away > 0.5) == (recorded.kind in AMONG_BLOCKS)


def test_recordings_cover_every_kind() -> None:
    counts = Counter(recorded.kind for recorded in RECORDINGS)
    assert set(counts) == ON_OPEN_GROUND | AMONG_BLOCKS
    assert min(counts.values()) >= 4
    assert len({recorded.name for recorded in RECORDINGS}) == len(RECORDINGS) >= 40


@every_recording
def test_recordings_move(recorded: Recording) -> None:
    steps = np.diff(recorded.path[:, [0, 2]], axis=0)
    assert np.hypot(*steps.T).sum() > 10
    height = recorded.path[:, 1] - recorded.start[1]
    assert height.max() >= {"climbing": 6, "jumping": 1.2}.get(recorded.kind, 0)
    assert height.min() <= {"ledges": -10}.get(recorded.kind, 0)


def test_recordings_are_of_this_recorder() -> None:
    package = json.loads((TESTS / "physics_recorder" / "package.json").read_text())
    assert GOLDEN["recorder"] == package["version"]
    assert GOLDEN["packages"] == package["dependencies"]
    assert GOLDEN["minecraft"] == "1.11.2"


if __name__ == "__main__":
    for kind in sorted(ON_OPEN_GROUND | AMONG_BLOCKS):
        away = [farthest(r, replay(r.solid, r.start, r.keys)) for r in RECORDINGS if r.kind == kind]
        print(f"{kind:9} {len(away):2} recordings, largest difference {max(away):.1e} blocks")
