"""The GPU's backend on numba's CUDA simulator, against the CPU's; and whether it compiles."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import cuda, njit
from numba.cuda.cudadrv import nvvm

from minecraft_tasks.actions import ActionTable
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.backends.voxel.cuda.backend import lit
from minecraft_tasks.backends.voxel.render.camera import camera
from minecraft_tasks.backends.voxel.scene.scene import one
from minecraft_tasks.blocks.palette import PALETTE, block_id
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.physics.motion import EYE
from minecraft_tasks.worlds.world import NOON, SUNRISE, SUNSET
from tests.support.children import environment
from tests.support.cuda_child import KEYS, TICKS, flattened
from tests.support.scenes import draw_rays

SHAPE, SIDE, DECISIONS = (7, 6, 7), 12, 8
TIMES = np.array([NOON, SUNRISE, SUNSET])
LEVEL = np.array([0, 1, 2, 0, 1, 2, 0, 0])
SPAWN = np.array(
    [
        (3.5, 1.0, 5.5, 180.0, 0.0),
        (3.5, 1.0, 5.5, 150.0, 20.0),
        (3.5, 1.0, 3.5, 90.0, -35.0),
        (1.5, 1.0, 5.5, 200.0, 10.0),
        (5.5, 1.0, 1.5, 30.0, 0.0),
        (-2.0, 5.0, -2.0, -45.0, 60.0),
        (3.5, 2.0, 6.8, 179.0, 90.0),
        (3.5, 1.0, 5.5, -90.0, -90.0),
    ]
)
KINDS = np.array([[0], [3], [-1], [7], [-1], [1], [-1], [2]])
STANCES = np.array([[(3.0, 1.0, 3.9, 25.0 * slot)] for slot in range(len(LEVEL))])
RESET, RESET_LEVEL = np.array([6, 1, 4]), np.array([2, 0, 1])
CHANGED = np.array([1])


def worlds() -> np.ndarray:
    """Levels uint8[3, X, Y, Z]: a beacon behind a wall, odd shapes, and every kind of block."""
    blocks = np.zeros((3, *SHAPE), np.uint8)
    blocks[:, :, 0] = block_id("grass")
    blocks[0, 3, 1, 1] = block_id("beacon")
    blocks[0, 1:6, 1:3, 2] = block_id("bricks")
    blocks[0, 5, 1, 4] = block_id("stone_brick_slab")
    blocks[0, 1, 1, 3] = block_id("glowstone")
    odd = ("oak_stairs", "oak_fence", "torch", "oak_leaves", "glass_pane", "wheat", "lever")
    names = [block.name for block in PALETTE]
    for x, word in enumerate(odd):
        blocks[1, x, 1, 2] = next(i for i, name in enumerate(names) if name.startswith(word))
    blocks[1, :, 3, 3] = block_id("stone_brick_slab")
    rng = np.random.default_rng(3)
    scattered = rng.integers(1, len(PALETTE), SHAPE)
    blocks[2, :, 1:5] = np.where(rng.random(SHAPE) < 0.2, scattered, 0)[:, 1:5]
    blocks[2, 2:5, 1:4, 2:5] = 0
    return blocks


def changed() -> np.ndarray:
    """What level 1 becomes."""
    blocks = worlds()[1:2]
    blocks[0, 2:5, 1:4, 5] = block_id("gold_block")
    return blocks


@njit(cache=True)
def _one_by_one(scene, look, feet, yaw, pitch, out):
    for i in range(len(out)):
        eye = camera(feet[i, 0], feet[i, 1] + EYE, feet[i, 2], yaw[i], pitch[i])
        draw_rays(one(scene, i), look, eye, out[i])


def by_rays(engine: VoxelBackend) -> np.ndarray:
    """Frames drawn by the compiled function of which the GPU runs a pixel in each thread."""
    out = np.empty((engine.num_envs, SIDE, SIDE, 3), np.uint8)
    _one_by_one(engine.scene, engine.look, engine.position, engine.yaw, engine.pitch, out)
    return out


def by_engine(engine: VoxelBackend) -> np.ndarray:
    """Frames as the CPU backend draws them."""
    out = np.empty((engine.num_envs, SIDE, SIDE, 3), np.uint8)
    engine.frames(out)
    return out


def played(actions: np.ndarray) -> dict[str, np.ndarray]:
    """The script of `cuda_child.simulate`, played by the CPU backend."""
    blocks, out, places, yaws = worlds(), {}, [], []
    slots, level = np.arange(len(LEVEL)), LEVEL.copy()
    starts = SPAWN[:3]
    engine = VoxelBackend(len(LEVEL), SHAPE, figures=1, threads=1)
    engine.place(slots, blocks[level], SPAWN, TIMES[level])
    for slot in range(len(LEVEL)):
        engine.stand(slot, 0, KINDS[slot, 0], STANCES[slot, 0].tolist())
    out["first"], out["first by engine"] = by_rays(engine), by_engine(engine)
    for step in actions:
        engine.act(step, ActionTable.of(KEYS), TICKS)
        places.append(engine.position.copy())
        yaws.append(engine.yaw.copy())
    out["position"], out["yaw"] = np.array(places), np.array(yaws)
    out["later"], out["later by engine"] = by_rays(engine), by_engine(engine)
    level[RESET] = RESET_LEVEL
    engine.place(RESET, blocks[RESET_LEVEL], starts[RESET_LEVEL], TIMES[RESET_LEVEL])
    out["reset position"], out["reset yaw"] = engine.position.copy(), engine.yaw.copy()
    out["reset"] = by_rays(engine)
    blocks[CHANGED] = changed()
    engine.blocks[:] = blocks[level]
    engine.refresh(slots)
    out["refreshed"] = by_rays(engine)
    return out


def child(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    variables = environment(PYTHONWARNINGS="ignore", **extra)
    return subprocess.run(
        [sys.executable, *arguments], env=variables, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """What the CPU backend and the simulated GPU made of one script."""
    folder: Path = tmp_path_factory.mktemp("cuda")
    actions = np.random.default_rng(1).integers(0, len(KEYS), (DECISIONS, len(LEVEL)))
    assert set(actions.ravel()) == set(range(len(KEYS)))
    starts = SPAWN[:3]
    script = {
        **flattened("levels", lit(worlds(), starts, TIMES)),
        **flattened("new", lit(changed(), starts[CHANGED], TIMES[CHANGED])),
        "level": LEVEL, "spawn": SPAWN, "kinds": KINDS, "stances": STANCES, "side": SIDE,
        "actions": actions, "reset": RESET, "reset level": RESET_LEVEL, "changed": CHANGED,
    }  # fmt: skip
    np.savez(folder / "script.npz", **script)
    done = child(
        "-m", "tests.support.cuda_child", "simulate",
        str(folder / "script.npz"), str(folder / "out.npz"),
        NUMBA_ENABLE_CUDASIM="1", NUMBA_DISABLE_JIT="1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with np.load(folder / "out.npz") as out:
        return played(actions), dict(out)


@pytest.mark.parametrize("moment", ["first", "later", "refreshed"])
def test_every_thread_draws_the_pixel_of_its_ray(outcomes, moment: str) -> None:
    ours, theirs = outcomes
    assert (ours[moment] == theirs[moment]).all()
    assert len(np.unique(theirs[moment].reshape(-1, 3), axis=0)) > 50


@pytest.mark.parametrize("moment", ["first", "later"])
def test_it_draws_what_the_cpu_backend_draws(outcomes, moment: str) -> None:
    ours, theirs = outcomes
    same = (ours[f"{moment} by engine"] == theirs[moment]).all(axis=-1)
    assert same.mean() >= 0.999


def test_bodies_move_as_on_the_cpu(outcomes) -> None:
    ours, theirs = outcomes
    assert np.abs(ours["position"] - theirs["position"]).max() <= 1e-9
    assert np.abs(ours["yaw"] - theirs["yaw"]).max() <= 1e-9
    assert (np.abs(np.diff(ours["position"], axis=0)).max(axis=(0, 2)) > 0.1).all()


def test_torch_reads_and_writes_the_frames_themselves(outcomes) -> None:
    _, theirs = outcomes
    assert (theirs["seen by torch"] == theirs["later"]).all()
    assert (theirs["written by torch"] == 7).all()


def test_a_reset_concerns_its_slots_only(outcomes) -> None:
    ours, theirs = outcomes
    others = np.setdiff1d(np.arange(len(LEVEL)), RESET)
    assert (theirs["reset"][others] == 7).all()
    assert (theirs["reset"][RESET] == ours["reset"][RESET]).all()
    assert theirs["reset position"] == pytest.approx(ours["reset position"], abs=1e-9)
    assert theirs["reset yaw"] == pytest.approx(ours["reset yaw"], abs=1e-9)


def test_what_does_not_exist_is_refused_by_name(outcomes) -> None:
    said = outcomes[1]["refusals"].tolist()
    begins = [
        "there is no slot 99: they go from 0 to 7",
        "there is no level -1: they go from 0 to 2",
        "there is no slot 99",
        "there is no figure 99: they go from -1",
        "kinds of figures must be int64[1, 1]",
        "levels to put in place of 2 of shape (7, 6, 7) have shape (1, 7, 6, 7)",
    ]
    assert [line[: len(start)] for line, start in zip(said, begins, strict=True)] == begins


STARTS = """
import numpy as np
from minecraft_tasks.backends.voxel.cuda import CudaBackend, lit
levels = lit(np.zeros((1, 3, 3, 3), np.uint8), np.zeros((1, 5)), np.zeros(1, np.int64))
CudaBackend(1, levels)
"""


def test_no_device_is_an_error_that_names_the_way_out() -> None:
    done = child("-c", STARTS, CUDA_VISIBLE_DEVICES="-1")
    last = done.stderr.strip().splitlines()[-1]
    assert "FalseBeaconError: no CUDA device was found" in last
    assert 'pip install "falsebeacon[gpu]"' in last


def test_the_simulator_needs_uncompiled_functions() -> None:
    done = child("-c", STARTS, NUMBA_ENABLE_CUDASIM="1")
    assert "set NUMBA_DISABLE_JIT=1" in done.stderr.strip().splitlines()[-1]


WITHOUT = """
import sys
sys.modules["numba.cuda"] = None
import gymnasium, minecraft_tasks
gymnasium.make("falsebeacon/BeaconShrine-v0")
gymnasium.make("falsebeacon/BeaconShrine-v0", backend="voxel-cuda")
"""


def test_only_the_gpu_backend_needs_cuda() -> None:
    last = child("-c", WITHOUT).stderr.strip().splitlines()[-1]
    assert "FalseBeaconError: numba has no CUDA target here" in last


def test_levels_too_tall_are_refused() -> None:
    with pytest.raises(FalseBeaconError, match="65 blocks tall"):
        lit(np.zeros((1, 3, 65, 3), np.uint8), np.zeros((1, 5)), TIMES[:1])


def can_compile() -> bool:
    """Whether numba-cuda and NVVM are here; the target that comes with numba is too old."""
    return cuda.implementation == "NVIDIA" and nvvm.is_available()


@pytest.mark.skipif(
    not can_compile(), reason='needs numba-cuda and NVVM: pip install "falsebeacon[gpu]"'
)
def test_the_kernels_compile_for_an_h200(tmp_path) -> None:
    """By the real compiler, without a device: what the simulator cannot tell."""
    done = child("-m", "tests.support.cuda_child", "compile", str(tmp_path))
    assert done.returncode == 0, done.stderr
    for name in ("begin", "stand", "act", "aim", "draw_on_device"):
        assert ".target sm_90" in (tmp_path / f"{name}.ptx").read_text()
