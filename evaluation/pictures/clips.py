"""Clips of episodes, replayed from their stored poses: what the agent saw beside the plan."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from evaluation.pictures.maps import arrow, cropped_terrain, extent, site_boxes
from evaluation.records.clip_selection import MOST_FRAMES, Clip, choose_clips
from evaluation.records.episodes import NEITHER, REFERENCE, Episodes, Steps
from evaluation.style.palette import candidate_colours, rgb
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.progress import StageProgress
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import Mode, TaskSpec
from minecraft_tasks.tasks.base import Task
from wrappers.recording import Recording

_SIDE, _STRIP = 128, 20
"""Height and width of each half of a clip, and height of its caption, in pixels."""

DECISIONS_PER_SECOND = 10
_TAIL = 10
"""Decisions shown after the first touch."""

_ENCODERS = 2
"""Clips that are encoded at once."""


def write_clips(
    directory: Path,
    task: Task,
    bank: LevelBank,
    episodes: Episodes,
    steps: Steps,
    mode: Mode,
    tell: StageProgress,
    recording: Recording | None = None,
) -> None:
    """Writes the clips of an evaluation.

    Args:
        directory: The evaluation directory.
        task: The task family.
        bank: Levels; each mode has played all of them, in order.
        episodes: All episodes.
        steps: Steps of all episodes.
        mode: Mode of the clips.
        tell: Called after each clip.
        recording: Frames of that mode, where the embedded engine did not show it.
    """
    own = episodes.take((episodes["agent"] != REFERENCE) & episodes["valid"])
    clips = choose_clips(own.where(mode=mode), task.spec)
    with ThreadPoolExecutor(_ENCODERS) as pool:
        encoding = []
        for done, clip in enumerate(clips):
            tell("clips", done, len(clips))
            index = clip.episode % len(bank)
            seen = None if recording is None else recording.frames(index)
            encode = replay_clip(directory, clip, task, bank, index, steps.of(clip.episode), seen)
            encoding.append(pool.submit(encode))
        for encoded in encoding:
            encoded.result()
    tell("clips", len(clips), len(clips))


def replay_clip(
    directory: Path,
    clip: Clip,
    task: Task,
    bank: LevelBank,
    index: int,
    steps: Steps,
    seen: np.ndarray | None = None,
) -> Callable[[], None]:
    """Replays an episode on a level of the bank, and writes its rule beside `clip.file`.

    OpenCV encodes outside Python's lock, so that clips are encoded beside each other; the engine
    draws in one thread only.

    Args:
        directory: The evaluation directory.
        clip: The episode and its file.
        task: The task family.
        bank: Levels.
        index: The episode's level in `bank`.
        steps: Rows of the episode, its spawn first.
        seen: uint8[T, H, W, 3] recorded frame of each row, instead of the replay.

    Returns:
        What encodes the frames into `clip.file`; see `encode_video`.
    """
    if clip.target != NEITHER:
        steps = steps.take(np.arange(min(len(steps), clip.cost + _TAIL + 1)))
    stride = -(-len(steps) // MOST_FRAMES)
    path = directory / clip.file
    path.parent.mkdir(exist_ok=True)
    frames = list(clip_frames(clip, task, bank, index, steps, stride, seen))
    clip.write(path.with_suffix(".json"))
    video = open_video(path, frames[0], DECISIONS_PER_SECOND / stride)
    return partial(encode_video, video, path, frames)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hides the warning that OpenCV prints for every WebM file."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def open_video(path: Path, frame: np.ndarray, rate: float) -> cv2.VideoWriter:
    """Begins a video of VP9 in WebM, of frames like uint8[H, W, 3]; H and W are even."""
    size = (frame.shape[1], frame.shape[0])
    with _quiet():
        codec = cv2.VideoWriter.fourcc(*"VP90")
        return cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, codec, rate, size)


def encode_video(writer: cv2.VideoWriter, path: Path, frames: Iterable[np.ndarray]) -> None:
    """Encodes frames uint8[H, W, 3] into a video, closes it, and decodes it again.

    Raises:
        FalseBeaconError: If what was written does not decode to as many frames.
    """
    written = 0
    for frame in frames:
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
        written += 1
    writer.release()
    if count_frames(path) != written:
        raise FalseBeaconError(
            f"OpenCV {cv2.__version__} could not write VP9 to {path}: make room on the disk, or "
            "install opencv-python-headless as requirements.lock has it."
        )


def count_frames(path: Path) -> int:
    """Frames that decode from a video."""
    capture = cv2.VideoCapture(str(path))
    count = 0
    while capture.grab():
        count += 1
    capture.release()
    return count


def clip_frames(
    clip: Clip, task: Task, bank: LevelBank, index: int, steps: Steps, stride: int,
    seen: np.ndarray | None,
) -> Iterator[np.ndarray]:  # fmt: skip
    """The agent's view beside the plan with its path so far, uint8[148, 256, 3] a frame."""
    backend = VoxelBackend(1, task.spec.world_shape)
    only = slice(index, index + 1)
    backend.place(np.zeros(1, np.int64), bank.blocks[only], bank.spawn[only], bank.time[only])
    pitch = float(bank.spawn[index, 4])
    overhead, scale, corner = _overhead(task.spec, bank, index)
    x, y, z, yaw = (steps[name].astype(float) for name in ("x", "y", "z", "yaw"))
    path = np.rint((np.stack([x, z], 1) * scale + corner) * 16).astype(np.int32)
    names = [action.name for action in task.spec.actions]
    shown = [*range(0, len(steps) - 1, stride), len(steps) - 1]
    for row in shown:
        if seen is None:
            view = backend.draw(0, (x[row], y[row], z[row]), yaw[row], pitch, _SIDE, _SIDE)
        else:
            view = cv2.resize(seen[row], (_SIDE, _SIDE), interpolation=cv2.INTER_NEAREST)
        above = overhead.copy()
        cv2.polylines(above, [path[: row + 1]], False, (255, 255, 255), 2, cv2.LINE_AA, shift=4)
        offset = corner / scale
        arrow(above, (x[row] + offset[0], z[row] + offset[1]), yaw[row], scale)
        action = steps["action"][row]
        did = names[action].replace("_", " ") if action >= 0 else "spawn"
        touched = row >= clip.cost and clip.target != NEITHER
        yield _compose(view, above, f"{row:3d}  {did}", clip.target if touched else "", task.spec)


def _overhead(spec: TaskSpec, bank: LevelBank, index: int) -> tuple[np.ndarray, int, np.ndarray]:
    """Plan uint8[SIDE, SIDE, 3] with its sites, pixels per block, and where (0, 0) lies in it."""
    edges = west, east, north, south = extent(bank.blocks[index], bank.sites[index])
    scale = _SIDE // max(east - west, south - north)
    plan = cropped_terrain(bank.blocks[index], edges, scale)
    top, left = (_SIDE - plan.shape[0]) // 2, (_SIDE - plan.shape[1]) // 2
    picture = np.full((_SIDE, _SIDE, 3), 24, np.uint8)
    picture[top : top + plan.shape[0], left : left + plan.shape[1]] = plan
    corner = np.array([left - west * scale, top - north * scale])
    colours = candidate_colours(spec.candidate_names)
    for name, (x0, _, z0, x1, _, z1) in site_boxes(spec, bank, index).items():
        low, high = (np.array([[x0, z0], [x1, z1]]) * scale + corner).astype(int).tolist()
        cv2.rectangle(picture, low, high, rgb(colours[name]), 2)
    return picture, scale, corner


def _compose(
    view: np.ndarray, above: np.ndarray, text: str, touched: str, spec: TaskSpec
) -> np.ndarray:
    strip = np.full((_STRIP, 2 * _SIDE, 3), 24, np.uint8)
    font, ink = (cv2.FONT_HERSHEY_SIMPLEX, 0.38), (235, 235, 235)
    cv2.putText(strip, text, (5, 14), *font, ink, 1, cv2.LINE_AA)
    if touched:
        colour = rgb(candidate_colours(spec.candidate_names)[touched])
        cv2.circle(strip, (_SIDE + 8, 10), 5, colour, -1, cv2.LINE_AA)
        cv2.putText(strip, f"{touched} touched", (_SIDE + 18, 14), *font, ink, 1, cv2.LINE_AA)
    return np.vstack([np.hstack([view, above]), strip])
