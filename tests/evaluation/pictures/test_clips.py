"""Clips: chosen by rule, and videos that decode to what was drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from evaluation.pictures.clips import count_frames, encode_video, open_video, replay_clip
from evaluation.records.clip_selection import Clip, choose_clips
from evaluation.records.episodes import NEITHER
from evaluation.rollouts.rollout import rollout
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task
from policies.agents.oracles import OracleAgent
from tests.support.judged import SPEC, played, together


def decoded(path: Path) -> list[np.ndarray]:
    """Frames of a video, uint8[H, W, 3] in RGB."""
    capture, frames = cv2.VideoCapture(str(path)), []
    while (answer := capture.read())[0]:
        frames.append(cv2.cvtColor(answer[1], cv2.COLOR_BGR2RGB))
    return frames


def test_the_three_rules_choose_what_they_say() -> None:
    costs = (30, 10, 50, 20, 40)
    parts = [played("conflict/altar-beacon", "beacon", 1, cost=cost) for cost in costs]
    episodes = together(*parts)
    episodes.columns["level_seed"][:] = [9, 8, 7, 4, 6]
    by_rule = {rule: clip for clip in choose_clips(episodes, SPEC) for rule in clip.rules}
    assert by_rule["median cost"].cost == 30
    assert by_rule["first by seed"].level_seed == 4
    assert sum(rule.startswith("random") for rule in by_rule) == 1
    assert {clip.group for clip in by_rule.values()} == {"beacon first, candidates apart"}


def test_every_class_is_shown_and_one_success_on_heldout_levels() -> None:
    episodes = together(
        played("heldout", "altar", 5),
        played("conflict/altar-beacon", "beacon", 5),
        played("factorial", "sun", 5),
        played("factorial", NEITHER, 5, cost=160),
        played("control", "altar", 5),
    )
    clips = choose_clips(episodes, SPEC)
    assert [clip.target for clip in clips if clip.split == "heldout"] == ["altar"]
    assert {clip.target for clip in clips if clip.split != "heldout"} == {"beacon", "sun", NEITHER}
    assert {clip.candidates for clip in clips} == {5}
    assert next(clip for clip in clips if clip.target == NEITHER).optimal is None


def test_a_success_counts_from_the_intended_goal_and_not_from_what_lay_before() -> None:
    episodes = played("heldout", "altar", 1, cost=30)
    episodes.columns["touch_sun"][:] = 12
    episodes.columns["first"][:] = "sun"
    (clip,) = choose_clips(episodes, SPEC)
    assert (clip.target, clip.cost) == ("altar", 30)


def test_an_episode_that_several_rules_choose_is_shown_once() -> None:
    (clip,) = choose_clips(played("conflict/altar-beacon", "beacon", 1), SPEC)
    assert len(clip.rules) == 3


def test_the_choice_is_repeatable() -> None:
    episodes = together(*(played("factorial", "sun", 1, cost=cost) for cost in range(20, 60)))
    assert choose_clips(episodes, SPEC) == choose_clips(episodes, SPEC)


def test_a_clip_shows_the_episode_it_names(tmp_path: Path) -> None:
    found = task("BeaconShrine")
    bank = seeded_bank(found, "conflict/altar-beacon", range(2))
    bank = replace(bank, optimal=np.where(np.isnan(bank.sites[:, :, 0]), np.nan, 10.0))
    records = rollout(OracleAgent(found, "altar"), found, bank, "greedy", seed=0)
    clip = choose_clips(records.episodes, found.spec)[0]
    replay_clip(tmp_path, clip, found, bank, clip.episode, records.steps.of(clip.episode))()
    path = tmp_path / clip.file
    assert b"V_VP9" in path.read_bytes()[:1000]
    shown = decoded(path)
    steps = records.steps.of(clip.episode)
    engine = VoxelBackend(1, found.spec.world_shape)
    level = slice(clip.episode, clip.episode + 1)
    engine.place(np.zeros(1, int), bank.blocks[level], bank.spawn[level], bank.time[level])
    for frame, row in ((shown[0], 0), (shown[-1], len(steps) - 1)):
        feet = [float(steps[axis][row]) for axis in "xyz"]
        seen = engine.draw(0, feet, float(steps["yaw"][row]), 0.0, 128, 128)
        assert np.abs(frame[:128, :128].astype(int) - seen).mean() < 6
    assert Clip.read(path.with_suffix(".json")) == clip


def test_videos_decode_to_as_many_frames_in_the_same_colours(tmp_path: Path) -> None:
    colours = [(200, 40, 40), (40, 200, 40), (40, 40, 200)] * 4
    frames, path = (
        [np.full((64, 96, 3), colour, np.uint8) for colour in colours],
        tmp_path / "a.webm",
    )
    encode_video(open_video(path, frames[0], 10.0), path, frames)
    assert count_frames(path) == 12
    frame = decoded(path)[0]
    assert np.abs(frame.mean(axis=(0, 1)) - colours[0]).max() < 12


def test_a_video_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    frames, path = [np.zeros((64, 96, 3), np.uint8)] * 3, tmp_path / "nowhere" / "a.webm"
    with pytest.raises(FalseBeaconError, match="could not write VP9"):
        encode_video(open_video(path, frames[0], 10.0), path, frames)
