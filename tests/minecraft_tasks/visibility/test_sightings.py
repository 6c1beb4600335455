"""What frames show, against the admission's own count; and oracles that have to look for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.rollouts.rollout import rollout
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.generate import level
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.visibility.footprint import enough, footprint
from minecraft_tasks.visibility.sightings import sightings
from policies.agents.loading import load_agent
from policies.agents.oracles import OracleAgent
from policies.agents.walks import SEARCHES

TASK = task("BeaconShrine")
SPEC = TASK.spec


def test_a_sighting_is_what_admission_counts() -> None:
    splits = ["conflict/altar-beacon", "factorial"]
    bank = locked_bank(TASK, splits, 8)
    level_of = np.repeat(np.arange(len(bank)), 2)
    spawn = np.repeat(bank.spawn[:, :4], 2, axis=0)
    spawn[1::2, 3] += 180.0
    shown = sightings(SPEC, bank, level_of, spawn)
    backend = VoxelBackend(1, SPEC.world_shape)
    for row, (split, seed) in enumerate(zip(bank.splits, bank.seeds.tolist(), strict=True)):
        world = level(TASK, split, seed)
        seen = enough(footprint(SPEC, backend, world))
        now = [n for n in world.sites if shown[2 * row, SPEC.candidate(n)]]
        assert sorted(now) == sorted(seen)
    # Behind somebody is something else than before them.
    assert (shown[0::2] != shown[1::2]).any()


@pytest.mark.parametrize("search", list(SEARCHES))
def test_who_searches_walks_past_what_it_has_not_seen_and_arrives_later(search: str) -> None:
    bank = locked_bank(TASK, ["heldout"], 16)
    lengths = {}
    for name in ("oracle:altar", f"oracle:altar,search={search}"):
        episodes = rollout(load_agent(name, TASK), TASK, bank, "sampled", seed=0).episodes
        lengths[name] = np.where(episodes["success"], episodes["steps"], np.inf)
    knows, looks = lengths.values()
    # On some levels the first frame shows the altar, and there is nothing to look for. The best way
    # is found on a lattice, and another one may be shorter by a decision.
    assert (looks >= knows - 1).all()
    assert (looks == knows).any()
    assert (looks > knows + 3).sum() >= 3
    assert np.isfinite(looks).mean() > 0.5


def test_nobody_looks_for_what_no_frame_shows() -> None:
    candidates = [each.model_copy(update={"markers": ()}) for each in SPEC.candidates]
    spec = SPEC.model_copy(update={"candidates": tuple(candidates)})
    with pytest.raises(FalseBeaconError, match="nothing in a frame shows its target"):
        OracleAgent(replace(TASK, spec=spec), "sun,search=turn")
