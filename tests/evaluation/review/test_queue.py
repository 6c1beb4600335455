"""Blinded queues: what is shown, in which order, and that nothing gives it away."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluation.review.blind import write_session
from evaluation.review.catalogue import Reviewed
from evaluation.review.queue import AGAIN, KNOWN, NOTHING, Item, Queue, _apart, make_queue
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.tasks import task

ITEMS = 20


@pytest.fixture(scope="module")
def queue(reviewed: list[Reviewed]) -> Queue:
    return make_queue(reviewed[0], "ann", ITEMS)


def test_a_queue_holds_its_shares(queue: Queue, reviewed: list[Reviewed]) -> None:
    units = [item.unit for item in queue.items]
    assert len(units) == ITEMS
    assert len(units) - len(set(units)) == round(AGAIN * ITEMS)
    known = {item.unit for item in queue.items if item.kind == "known"}
    assert len(known) == round(KNOWN * ITEMS)
    assert len({item.token for item in queue.items}) == ITEMS
    apart = set(reviewed[0].spec.apart)
    assert {item.split for item in queue.items} <= apart
    names = {*reviewed[0].spec.candidate_names, NOTHING}
    assert {item.truth for item in queue.items if item.kind == "known"} <= names


def test_raters_see_the_same_episodes_each_in_an_order_of_their_own(
    queue: Queue, reviewed: list[Reviewed]
) -> None:
    other = make_queue(reviewed[0], "bob", ITEMS)
    assert sorted(item.unit for item in queue.items) == sorted(item.unit for item in other.items)
    assert [item.unit for item in queue.items] != [item.unit for item in other.items]
    assert not {item.token for item in queue.items} & {item.token for item in other.items}
    assert make_queue(reviewed[0], "ann", ITEMS) == queue


@pytest.mark.parametrize("rater", [f"rater {number}" for number in range(8)])
def test_twins_are_never_neighbours(rater: str, reviewed: list[Reviewed]) -> None:
    items = make_queue(reviewed[0], rater, ITEMS).items
    assert all(one.layout != next_.layout for one, next_ in itertools.pairwise(items))


def shown(layouts: str) -> list[Item]:
    return [Item("", str(n), "own", n, "", 0, layout, "") for n, layout in enumerate(layouts)]


@pytest.mark.parametrize("layouts", ["aabb", "abcaa", "aaabc", "aab", "baa", "abab", "aaabbbccc"])
def test_neighbours_are_moved_apart_where_they_can_be(layouts: str) -> None:
    ordered = _apart(shown(layouts))
    assert sorted(item.episode for item in ordered) == list(range(len(layouts)))
    assert all(a.layout != b.layout for a, b in itertools.pairwise(ordered))


def test_too_many_on_one_layout_are_refused() -> None:
    with pytest.raises(FalseBeaconError, match="fewer with --items"):
        _apart(shown("aaab"))


def test_what_cannot_be_queued_is_refused(reviewed: list[Reviewed]) -> None:
    with pytest.raises(FalseBeaconError, match="--rater NAME"):
        make_queue(reviewed[0], " ", ITEMS)
    with pytest.raises(FalseBeaconError, match="10 items or more, not 3"):
        make_queue(reviewed[0], "ann", 3)
    with pytest.raises(FalseBeaconError, match="ask for fewer"):
        make_queue(reviewed[0], "ann", 500)


def files_in(content: dict[str, Any]) -> Iterator[str]:
    """Files that an item names; the other values of its pictures are these, and no others."""
    frames, plan = content["frames"], content["plan"]
    assert set(frames) == {"fine", "seen", "fine_side", "seen_side", "columns", "count"}
    assert set(plan) == {"file", "edges", "sites", "sun"}
    yield from (frames["fine"], frames["seen"], plan["file"])


def test_no_file_of_a_session_says_where_an_episode_comes_from(
    queue: Queue, reviewed: list[Reviewed], tmp_path: Path
) -> None:
    each = reviewed[0]
    write_session(tmp_path / "session", each, queue)
    files = [path for path in (tmp_path / "session").rglob("*") if path.is_file()]
    names = " ".join(path.name for path in files)
    written = "\n".join(path.read_text() for path in files if path.suffix in (".html", ".js"))
    secrets = [each.info.agent, "oracle", "noise", each.label, str(each.directory), "conflict/",
               "factorial", "heldout", "proxy:", "aimless", "greedy"]  # fmt: skip
    for secret in secrets:
        assert secret not in written, secret
        assert secret not in names, secret
    for item in queue.items:
        text = (tmp_path / "session" / "episodes" / f"{item.token}.js").read_text()
        content = json.loads(re.sub(r"^[^{]*|[^}]*$", "", text))
        assert content["key"] == item.token
        assert set(content) == {"key", "frames", "plan", "x", "z", "yaw"}
        assert {Path(each).name.split("-")[0].split(".")[0] for each in files_in(content)} == {
            item.token
        }
    assert {path.stem.split("-")[0] for path in files if path.parent.name == "episodes"} == {
        item.token for item in queue.items
    }


def test_the_mode_of_the_verdict_is_shown(queue: Queue, reviewed: list[Reviewed]) -> None:
    own = reviewed[0].episodes.own.where(mode="sampled", valid=True)
    assert {item.episode for item in queue.items if item.kind == "own"} <= set(own["episode"])
    assert task("BeaconShrine").spec.task_hash == reviewed[0].info.task_hash
