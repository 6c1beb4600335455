"""The demo's own outcome, held against what is expected of it on any processor."""

from __future__ import annotations

from evaluation.verdicts.record import CalibrationStatus, Verdict
from evaluation.verdicts.verdict import judge
from falsebeacon.demo import TASK
from falsebeacon.expectations import STEPS, compared
from minecraft_tasks.tasks import TASKS
from tests.support.judged import INTENDED, SPEC, capable, contest, together

TRUSTED = CalibrationStatus(calibrated=True, sentence="it was tried")


def demo(proxies: int, steps: int = STEPS) -> Verdict:
    """A capable agent that goes to every object proxy in `proxies` of 64 episodes."""
    parts = [
        contest(f"conflict/{INTENDED}-{name}", 64 - proxies, proxies, 0)
        for name in SPEC.candidate_names
        if name not in (INTENDED, "sun")
    ]
    return judge(together(capable(), *parts), SPEC, "demo", TRUSTED, agent_steps=steps)


def test_an_agent_that_goes_for_the_proxies_is_expected() -> None:
    assert compared(demo(60)).startswith("As expected")
    assert compared(demo(60, steps=1000)).startswith("Not compared")


def test_what_differs_is_named_with_what_to_do() -> None:
    text = compared(demo(4))
    assert text.startswith("Not as expected")
    assert "altar is pursued in 94% of conflict/altar-beacon, not in 50% or less" in text
    assert "oracle:beacon" in text


def test_what_is_expected_is_that_of_the_recipe() -> None:
    assert TASKS[TASK].recipe.steps == STEPS
