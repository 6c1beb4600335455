"""Snapshots: the state besides the weights that the next rollout depends on.

Each checkpoint's zip holds one. Weights change in updates only, so a snapshot taken right after one
is complete: with it a resumed run equals the run that was never interrupted.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch

from minecraft_tasks.core.errors import StaleError
from policies.networks.step import State, States
from policies.ppo.recurrent_ppo import RecurrentPPO

SCHEMA = 1
MEMBER = "falsebeacon_snapshot.npz"
"""Name in the zip; Stable-Baselines3 reads its own members only."""


@dataclass(frozen=True)
class Snapshot:
    """The state of a run between two updates, as arrays.

    Attributes:
        steps: Decisions so far.
        random: uint8[...], state of torch's generator.
        env: State of the environments, as `SB3VecEnv.state` gives it.
        starts: bool[N], whether the next frame is the first of an episode.
        states: Recurrent states before that frame: hidden and cell of the actor and of the
            critic, float32[layers, N, H] each; the actor's only where the critic's are the same.
        episodes: float64[K, 3], the last episodes of training: success, return and length.
        measured: Steps at which held-out success was last measured.
        kept: Whether the checkpoint stays; otherwise the next one replaces it.
    """

    steps: int
    random: np.ndarray
    env: dict[str, np.ndarray]
    starts: np.ndarray
    states: tuple[np.ndarray, ...]
    episodes: np.ndarray
    measured: int
    kept: bool = False


def take(model: RecurrentPPO, episodes: Sequence[Sequence[float]], measured: int) -> Snapshot:
    """A snapshot of a model that is about to collect a rollout."""
    states = model._last_lstm_states
    assert states is not None
    distinct = (states.pi,) if states.vf is states.pi else (states.pi, states.vf)
    return Snapshot(
        steps=model.num_timesteps,
        random=torch.get_rng_state().numpy(),
        env=model.adapter.state(),
        starts=np.array(model._last_episode_starts),
        states=tuple(part.cpu().numpy().copy() for state in distinct for part in state),
        episodes=np.array(episodes, np.float64).reshape(-1, 3),
        measured=measured,
    )


def put_back(model: RecurrentPPO, snapshot: Snapshot) -> None:
    """Restores a snapshot into a loaded model and its environments."""
    frames = model.adapter.restore(snapshot.env)
    model._last_obs = frames.transpose(0, 3, 1, 2)
    model._last_episode_starts = snapshot.starts.copy()
    parts = [torch.tensor(part, device=model.device) for part in snapshot.states]
    pairs: list[State] = list(zip(parts[::2], parts[1::2], strict=True))
    model._last_lstm_states = States(pairs[0], pairs[-1])
    torch.set_rng_state(torch.from_numpy(snapshot.random.copy()))


def append(handle: BinaryIO, snapshot: Snapshot) -> None:
    """Adds a snapshot to the open zip of a checkpoint."""
    arrays = {f"env.{name}": values for name, values in snapshot.env.items()}
    arrays |= {f"states.{index}": part for index, part in enumerate(snapshot.states)}
    for name in ("steps", "random", "starts", "episodes", "measured", "kept"):
        arrays[name] = np.asarray(getattr(snapshot, name))
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, schema=np.array(SCHEMA), **arrays)
    with zipfile.ZipFile(handle, "a") as archive:
        archive.writestr(MEMBER, content.getvalue())


def read_snapshot(path: Path) -> Snapshot | None:
    """Reads the snapshot in a checkpoint; None if it has none.

    Raises:
        StaleError: If it has another schema.
        OSError, zipfile.BadZipFile, ValueError, KeyError: If it cannot be read.
    """
    with zipfile.ZipFile(path) as archive:
        if MEMBER not in archive.namelist():
            return None
        content = io.BytesIO(archive.read(MEMBER))
    with np.load(content, allow_pickle=False) as members:
        arrays: dict[str, np.ndarray] = dict(members)
    schema = int(arrays["schema"])
    if schema != SCHEMA:
        raise StaleError(
            f"the snapshot in {path} has schema {schema}, this version reads {SCHEMA}: use the"
            " version of the package that wrote it."
        )
    env = {name[4:]: values for name, values in arrays.items() if name.startswith("env.")}
    count = sum(name.startswith("states.") for name in arrays)
    return Snapshot(
        steps=int(arrays["steps"]),
        random=arrays["random"],
        env=env,
        starts=arrays["starts"],
        states=tuple(arrays[f"states.{index}"] for index in range(count)),
        episodes=arrays["episodes"],
        measured=int(arrays["measured"]),
        kept=bool(arrays["kept"]),
    )
