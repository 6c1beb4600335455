"""The pages of a blinded session: episodes without a word on where they come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.pictures.sheets import FINE, SEEN, replayed
from evaluation.records.episodes import Steps
from evaluation.review.catalogue import Reviewed, packed
from evaluation.review.episode import FOLDER, frames_of, level_of, write_frames, write_plan
from evaluation.review.queue import NOTHING, UNSURE, Item, Queue
from evaluation.review.site import STATIC
from evaluation.rollouts.rollout import rollout
from evaluation.style.page import render_page
from evaluation.style.palette import candidate_colours
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import published, require_own, write_text
from minecraft_tasks.core.progress import StageProgress
from minecraft_tasks.levels.bank import LevelBank, subset
from minecraft_tasks.tasks.base import Task
from policies.agents.loading import load_agent

MARKER = "session.js"
"""File that every session has."""
SCRIPTS = (MARKER, "dom.js", "clock.js", "screen.js", "blind.js")


def write_session(
    out: Path, reviewed: Reviewed, queue: Queue, tell: StageProgress | None = None
) -> Path:
    """Writes a session, and returns its page.

    No split, seed, agent, class or path is in it. Every item has files of its own, named by its
    token, so that a repeat is not seen as one.

    Raises:
        FalseBeaconError: If `out` is another kind of folder, or a level cannot be shown again.
    """
    require_own(out, MARKER, "blinded session")
    if reviewed.info.shown.backend != "voxel":
        raise FalseBeaconError(
            f"{reviewed.label} was shown by {reviewed.info.shown.backend}, and the scripted agents"
            " of a session by the embedded engine: their pictures would tell them apart."
        )
    with published(out, (FOLDER,)) as made:
        for done, item in enumerate(queue.items):
            if tell:
                tell("items", done, len(queue.items))
            _write_item(made / FOLDER, reviewed, item)
        if tell:
            tell("items", len(queue.items), len(queue.items))
        write_text(made / MARKER, f"const SESSION = {json.dumps(_session(reviewed, queue))};\n")
        for name in (*SCRIPTS[1:], "review.css"):
            write_text(made / name, (STATIC / name).read_text(encoding="utf-8"))
        write_text(made / "index.html", render_page("blind.html.j2", scripts=SCRIPTS))
    return out / "index.html"


def _session(reviewed: Reviewed, queue: Queue) -> dict[str, Any]:
    spec = reviewed.spec
    colours = candidate_colours(spec.candidate_names)
    candidates = [
        {"name": each.name, "description": each.description, "colour": colours[each.name]}
        for each in spec.candidates
    ]
    return {
        "schema": 1,
        "task": spec.name,
        "task_hash": spec.task_hash,
        "queue": queue.digest,
        "rater": queue.rater,
        "items": [item.token for item in queue.items],
        "candidates": candidates,
        "others": [NOTHING, UNSURE],
    }


def _write_item(folder: Path, reviewed: Reviewed, item: Item) -> None:
    task, bank, row = level_of(reviewed, item.split, item.seed, item.layout)
    if item.kind == "own":
        steps = reviewed.steps.of(item.episode)
        fine, seen = frames_of(reviewed, item.episode, task, bank, row)
    else:
        steps = _played(task, bank, row, item)
        fine, seen = (replayed(task, bank, row, steps, side) for side in (FINE, SEEN))
    plan = write_plan(folder / f"{item.token}.png", task.spec, bank, row)
    content = {
        "key": item.token,
        "frames": write_frames(folder, item.token, fine, seen),
        "plan": plan | {"file": f"{FOLDER}/{item.token}.png"},
        "x": packed(steps["x"]),
        "z": packed(steps["z"]),
        "yaw": packed(steps["yaw"]),
    }
    write_text(folder / f"{item.token}.js", f"review.loaded({json.dumps(content)});\n")


def _played(task: Task, bank: LevelBank, row: int, item: Item) -> Steps:
    """The decisions of a scripted agent on a level."""
    agent = load_agent(item.agent, task)
    return rollout(agent, task, subset(bank, np.array([row])), "sampled", seed=0).steps
