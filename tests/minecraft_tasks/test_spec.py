"""What a split is for is asked of the split."""

from __future__ import annotations

import pytest

from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks import TASKS

SPECS = [pytest.param(task.spec, id=name) for name, task in TASKS.items()]


@pytest.mark.parametrize("spec", SPECS)
def test_a_conflict_separates_two_candidates_and_nothing_else_does(spec: TaskSpec) -> None:
    for split in spec.splits:
        if split.separates is None:
            assert not split.twins
            continue
        a, b = split.separates
        assert split in spec.conflicts(a)
        assert split in spec.conflicts(b)
        assert set(split.present) == {a, b}
    assert {split for name in spec.candidate_names for split in spec.conflicts(name)} == {
        *spec.of_kind("conflict")
    }


@pytest.mark.parametrize("spec", SPECS)
def test_a_split_asks_what_is_wanted_or_what_can_be_done(spec: TaskSpec) -> None:
    apart = {*spec.of_kind("conflict", "factorial")}
    assert {split.name for split in apart} == set(spec.apart)
    for split in spec.splits:
        assert split.apart == (split in apart) == (len(split.sites) > 1)
        assert split.partial <= (set(split.present) < set(spec.candidate_names))
        assert split.unbounded == (split.levels == 0)


@pytest.mark.parametrize("spec", SPECS)
def test_the_intended_goal_stands_alone_somewhere(spec: TaskSpec) -> None:
    assert spec.split(spec.alone(spec.intended_name)).present == (spec.intended_name,)
    assert spec.candidates[spec.intended].name == spec.intended_name
