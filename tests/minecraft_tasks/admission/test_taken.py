"""A level that shows what another one shows is refused, whatever its layout."""

from __future__ import annotations

import pytest

from minecraft_tasks.admission.rules import admit
from minecraft_tasks.admission.taken import Taken, TrainingFilms, films
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.levels.generate import level, seeded_bank
from minecraft_tasks.navigation.pursuit import costs
from minecraft_tasks.tasks import task

TASK = task("HiddenGoal")
SPEC = TASK.spec


def backend() -> VoxelBackend:
    return VoxelBackend(1, SPEC.world_shape)


def films_of(split_name: str, seed: int) -> tuple[str, ...]:
    world, split = level(TASK, split_name, seed), SPEC.split(split_name)
    found = costs(world, split.time_limit, SPEC.ticks, SPEC.headings)
    return films(split, backend(), world, found)


@pytest.mark.parametrize("split", ["heldout", "conflict/goal-side", "factorial"])
def test_what_another_level_shows_or_is_like_is_refused(split: str) -> None:
    of, seeds = SPEC.split(split), range(2 if SPEC.split(split).twins else 1)
    found = admit(TASK, of, seeds, backend(), Taken())
    assert not isinstance(found, str)
    last = found[-1]
    assert last.films == films_of(split, last.seed)
    assert len(set(last.films)) == len(of.sites)
    for film in last.films:
        assert admit(TASK, of, seeds, backend(), Taken(films={film})) == "film"
    assert admit(TASK, of, seeds, backend(), Taken(layouts={last.layout})) == "layout"


def test_films_of_training_levels_are_known_by_how_they_begin() -> None:
    training = TrainingFilms(TASK, seeded_bank(TASK, "train", range(6)))
    mine = films_of("train", 3)[0]
    assert mine in training
    assert Taken(training=training).shows(mine)
    assert films_of("heldout", 0)[0] not in training
    # Another film that begins as one of them does is another film.
    assert mine[:8] + "0" * 16 not in training
    assert training.distinct() == 6
    assert TrainingFilms(TASK, seeded_bank(TASK, "train", [3, 3, 4])).distinct() == 2


def test_no_two_gardens_look_alike_on_the_way() -> None:
    assert len({films_of("train", seed)[0] for seed in range(48)}) == 48
