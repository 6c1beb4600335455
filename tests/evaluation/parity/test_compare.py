"""The parity kit: nothing is found where nothing differs, and what differs is named.

What is compared with the stand-in proves client, mission and protocol, not rendering, physics or
block placement in Minecraft.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import re
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from evaluation.parity import compare as parity
from evaluation.parity.bars import checks
from evaluation.parity.compare import compare, compare_sides
from evaluation.parity.engines import Sides
from evaluation.parity.levels import chosen_levels
from evaluation.parity.page import parity_text, write_page
from evaluation.parity.pixels import PixelTally, edges
from evaluation.parity.poses import Outlook, poses
from evaluation.parity.record import Parity, read_parity
from evaluation.parity.scripts import Rehearsal, walk_scripts
from evaluation.parity.walks import WALK_COLUMNS
from evaluation.records.requests import ParityRequest
from falsebeacon.main import main
from minecraft_tasks.actions import Action
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.blocks.palette import SKY_ID, block_id
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError, UnknownNameError
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks import task
from minecraft_tasks.worlds.sites import touched
from minecraft_tasks.worlds.world import NOON, SUNRISE, SUNSET
from tests.support.chromium import Chromium

TASK = task("BeaconShrine")
SPEC = TASK.spec
VOXEL = ParityRequest(task=SPEC.name, backend="voxel")
ASKED = VOXEL.model_copy(update={"levels": 2, "poses": 12, "note": "Made by <our> tests."})
STANDIN = "Made against the project's stand-in, not Minecraft."


def silent(stage: str, done: int, total: int) -> None:
    """Nobody is told."""


def engine() -> VoxelBackend:
    return VoxelBackend(1, SPEC.world_shape, threads=1)


def acting(*actions: Action) -> TaskSpec:
    """The task with other actions."""
    fields = SPEC.model_dump() | {"actions": [action.model_dump() for action in actions]}
    return TaskSpec.model_validate(fields)


class Shifted(VoxelBackend):
    """Stands 0.2 blocks to the east of where it was put."""

    def place(self, slots, blocks, spawn, time):
        super().place(slots, blocks, spawn, time)
        self.position[:, 0] += 0.2


class Slipping(VoxelBackend):
    """Gains 0.0004 blocks with every decision."""

    def act(self, actions, table, ticks):
        super().act(actions, table, ticks)
        self.position[:, 0] += 0.0004


class Blue(VoxelBackend):
    """Draws red wool as blue."""

    def place(self, slots, blocks, spawn, time):
        blue = np.where(blocks == block_id("red_wool"), block_id("blue_wool"), blocks)
        super().place(slots, blue, spawn, time)


class Failing(VoxelBackend):
    """Gives up in the fourth decision after every placement."""

    def place(self, slots, blocks, spawn, time):
        super().place(slots, blocks, spawn, time)
        self.faults.clear()
        self.left = 3

    def act(self, actions, table, ticks):
        super().act(actions, table, ticks)
        self.left -= 1
        if self.left < 0:
            self.faults[0] = "the creeper exploded"


class Refusing(VoxelBackend):
    """Shows no level at sunset."""

    def place(self, slots, blocks, spawn, time):
        if time[0] == SUNSET:
            raise FalseBeaconError("3 of 9 blocks were not drawn as they should be")
        super().place(slots, blocks, spawn, time)


def compared(out: Path, tested: type[VoxelBackend], levels: int = 1, count: int = 6) -> Parity:
    """One engine against the embedded one."""
    sides = Sides(tested(1, SPEC.world_shape, threads=1), engine())
    asked = VOXEL.model_copy(update={"levels": levels, "poses": count})
    return compare_sides(asked, out, chosen_levels(TASK, levels), sides, silent)


def unmet(found: Parity) -> dict[str, str]:
    """What is not met, by its first words, and where."""
    return {" ".join(check.what.split()[:3]): check.where for check in found.unmet}


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded engine against itself."""
    out = tmp_path_factory.mktemp("same") / "parity"
    compare(ASKED, out, silent)
    return out


@pytest.fixture(scope="module")
def blue(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Parity]:
    out = tmp_path_factory.mktemp("blue") / "parity"
    return out, compared(out, Blue, count=8)


def test_an_engine_is_exactly_like_itself(same: Path) -> None:
    found = read_parity(same)
    assert found.unmet == ()
    assert {check.value for check in found.checks} == {0.0}
    assert all(walk.farthest == walk.final == walk.yaw == 0.0 for walk in found.walks)
    assert all(still.striking == still.apart == 0.0 for still in found.stills)
    for block in found.blocks:
        assert block.tested == block.against
        assert {*block.inside.most, *block.edge.most} == {0.0}
    assert "says nothing about Minecraft" in parity_text(found)


def test_everything_is_looked_at(same: Path) -> None:
    found = read_parity(same)
    assert len(found.stills) == ASKED.levels * ASKED.poses
    assert len({(still.split, still.pose) for still in found.stills}) == len(found.stills)
    markers = {name for block in found.blocks for name in block.marks}
    assert markers == set(SPEC.candidate_names)
    assert {"grass", "sky", "cobblestone"} <= {block.name for block in found.blocks}
    kinds = {walk.walk.partition(" ")[0] for walk in found.walks}
    assert kinds == {"wall", "circles", "to", "random"}


def test_the_directory_holds_everything_to_send(same: Path) -> None:
    found = read_parity(same)
    with zipfile.ZipFile(same / "parity.zip") as archive:
        packed = set(archive.namelist())
        assert archive.read("parity.json") == (same / "parity.json").read_bytes()
    pictures = {still.file for still in found.stills}
    assert packed == {"parity.json", "walks.csv", "parity.html", *pictures}
    assert all((same / name).is_file() for name in packed)
    assert not list(same.parent.glob(".*"))
    with (same / "walks.csv").open(newline="") as text:
        rows = list(csv.DictReader(text))
    assert tuple(rows[0]) == WALK_COLUMNS
    assert len(rows) == sum(walk.made + 1 for walk in found.walks)
    assert rows[0]["x"] == rows[0]["against_x"]
    assert {"processor", "java", "renderer"} <= found.machine.keys()


def test_a_comparison_is_repeated_to_the_letter(same: Path, tmp_path: Path) -> None:
    asked = VOXEL.model_copy(update={"levels": 1, "poses": 3})
    out = tmp_path / "parity"
    compare(asked, out, silent)
    first = (out / "walks.csv").read_bytes()
    (out / "frames" / "old.png").write_bytes(b"")
    compare(asked, out, silent)
    assert (out / "walks.csv").read_bytes() == first
    assert not (out / "frames" / "old.png").exists()


def test_other_directories_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(FalseBeaconError, match="no parity directory"):
        compare(ASKED, tmp_path, silent)
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


@pytest.mark.parametrize("asked", [{"levels": 0}, {"poses": 0}])
def test_nothing_is_no_comparison(asked: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(FalseBeaconError, match="at least one"):
        compare(VOXEL.model_copy(update=asked), tmp_path / "parity", silent)


def test_a_body_beside_its_place_is_named(tmp_path: Path) -> None:
    found = compared(tmp_path / "parity", Shifted)
    missed = unmet(found)
    assert "walk" in missed["distance between the"]
    assert missed["distance from where"]
    assert found.walks[0].start == pytest.approx(0.2)
    assert found.walks[0].beyond_equal == found.walks[0].beyond_close == 0


def test_errors_add_up_along_a_walk(tmp_path: Path) -> None:
    found = compared(tmp_path / "parity", Slipping, count=1)
    circles = next(walk for walk in found.walks if walk.walk == "circles")
    # The third decision is the first after which more than 0.001 blocks lie between them.
    assert circles.start == 0.0
    assert circles.beyond_equal == 3
    assert circles.farthest >= 0.0012
    assert re.search(r"seed \d+, walk", unmet(found)["distance between the"])


def test_a_block_of_another_colour_is_named(blue: tuple[Path, Parity]) -> None:
    _, found = blue
    missed = unmet(found)
    assert missed["pixels inside a"] == missed["difference of a"] == "red_wool"
    wool = next(block for block in found.blocks if block.name == "red_wool")
    assert wool.against[0] > wool.against[2]
    assert wool.tested[2] > wool.tested[0]
    others = [block for block in found.blocks if block.name != "red_wool"]
    assert max(block.inside.striking for block in others) == 0.0
    assert all(walk.farthest == 0.0 for walk in found.walks)
    assert "FAIL" in parity_text(found)
    assert "(red_wool)" in parity_text(found)


def test_the_difference_is_seen_in_the_picture(blue: tuple[Path, Parity]) -> None:
    out, found = blue
    still = max(found.stills, key=lambda still: still.striking)
    picture = cv2.imread(str(out / still.file))
    assert picture is not None
    left, middle, right = (picture[22:278, start : start + 256] for start in (0, 264, 528))
    striking = np.abs(left.astype(int) - middle).max(axis=2) > 48
    assert striking.mean() == pytest.approx(still.striking)
    assert (right[striking].max(axis=1) > 4 * 48).all()
    assert (right[(left == middle).all(axis=2)] == 0).all()


def test_a_decision_that_is_not_carried_out_is_named(tmp_path: Path) -> None:
    out = tmp_path / "parity"
    found = compared(out, Failing, count=1)
    assert "walk wall" in unmet(found)["decisions that were"]
    assert {walk.made for walk in found.walks} == {3}
    assert "decision 4: the creeper exploded" in parity_text(found)
    assert "the creeper exploded" in (out / "parity.html").read_text()


def test_a_level_that_is_not_shown_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    found = compared(tmp_path / "parity", Refusing, levels=2, count=1)
    assert [bool(level.refusal) for level in found.levels] == [False, True]
    assert unmet(found)["levels that were"] == f"heldout seed {found.levels[1].level_seed}"
    assert len({walk.split for walk in found.walks}) == 1
    assert "3 of 9 blocks were not drawn" in parity_text(found)


def test_without_any_level_there_is_no_comparison(tmp_path: Path) -> None:
    sides = Sides(Refusing(1, SPEC.world_shape), engine())
    bank = chosen_levels(TASK, 2)
    sunset = dataclasses.replace(bank, time=np.full(2, SUNSET))
    with pytest.raises(FalseBeaconError, match=r"no level could be shown: 3 of 9"):
        compare_sides(ASKED, tmp_path / "parity", sunset, sides, silent)
    assert list(tmp_path.iterdir()) == []


def test_what_was_not_measured_meets_no_bar() -> None:
    missed = [check for check in checks([], [], [], [], None) if not check.passed]
    assert {check.measured for check in missed} == {"not measured"}
    assert len(missed) == 6


def test_names_that_were_not_read_back_are_not_right() -> None:
    assert checks([], [], [], [], True)[0].passed
    assert not checks([], [], [], [], False)[0].passed


def test_levels_are_of_several_splits_and_times() -> None:
    bank = chosen_levels(TASK, 3)
    assert bank.splits == ("factorial", "heldout", "conflict/altar-beacon")
    assert set(bank.time.tolist()) == {SUNRISE, NOON, SUNSET}
    assert set(chosen_levels(TASK, 3, ["control"]).splits) == {"control"}
    with pytest.raises(UnknownNameError, match="controll"):
        chosen_levels(TASK, 1, ["controll"])


def test_walks_do_what_their_names_say() -> None:
    bank = chosen_levels(TASK, 1)
    made = {script.name: script for script in walk_scripts(SPEC, bank, 0, np.random.default_rng(0))}
    names = [action.name for action in SPEC.actions]
    (goal,) = (name for name in made if name.startswith("to "))

    arrived = Rehearsal(SPEC, bank, 0)
    for action in made[goal].actions:
        arrived.do(action)
    site = bank.sites[0, SPEC.candidate(goal.removeprefix("to "))]
    assert touched(arrived.engine.position, site[None, None]).all()

    walled = Rehearsal(SPEC, bank, 0)
    gains = [walled.do(action) for action in made["wall"].actions]
    ahead = [gain for gain, action in zip(gains, made["wall"].actions, strict=True)
             if names[action] == "forward"]  # fmt: skip
    assert min(ahead) < 0.01
    assert 0.3 < max(ahead[-10:]) < 0.8, "neither free nor stuck: along a wall"

    assert [names[action] for action in made["circles"].actions].count("turn_left") == 24
    again = {
        script.name: script for script in walk_scripts(SPEC, bank, 0, np.random.default_rng(0))
    }
    assert again == made


def test_a_task_whose_bodies_jump_is_jumped_in() -> None:
    bank = chosen_levels(TASK, 1)
    leap = Action(name="leap", forward=1, jump=True)
    back = Action(name="back", forward=-1)
    jumping = acting(*SPEC.actions, leap, back)
    made = {
        script.name: script for script in walk_scripts(jumping, bank, 0, np.random.default_rng(0))
    }
    assert made.keys() == {"wall", "circles", "jump", "random"}
    assert 3 in made["jump"].actions
    assert set(made["random"].actions) == set(range(5))
    body = Rehearsal(jumping, bank, 0)
    body.do(0, 2)
    body.do(3)
    assert body.engine.position[0, 1] > 1.0
    backing = walk_scripts(acting(back), bank, 0, np.random.default_rng(0))
    assert [script.name for script in backing] == ["random"]


def test_poses_stand_on_ground_that_can_be_walked_to() -> None:
    bank = chosen_levels(TASK, 1)
    made = poses(SPEC, bank, 0, 18, np.random.default_rng(0))
    free = {tuple(place) for place in Outlook(SPEC, bank, 0).free.tolist()}
    assert all(pose.feet in free for pose in made)
    assert len({pose[1:] for pose in made}) == len(made) == 18
    distances = [float(found[1]) for pose in made if (found := re.search(r"([\d.]+) b", pose.aim))]
    assert min(distances) < 2.5 < 5.0 < max(distances)
    assert all(pose.yaw == round(pose.yaw) and -180 <= pose.yaw < 180 for pose in made)
    assert sum(pose.aim.startswith("around") for pose in made) == 6


def test_differences_are_counted_by_block_inside_and_at_edges() -> None:
    wool, sky = block_id("red_wool"), SKY_ID
    ids = np.full((6, 8), sky, np.uint8)
    ids[:, 4:] = wool
    assert edges(ids).sum(axis=0).tolist() == [0, 0, 0, 6, 6, 0, 0, 0]
    seen = np.zeros((2, 6, 8, 3), np.uint8)
    seen[:, :, 4:] = (200, 20, 10)
    seen[0, 0, 5] = (100, 20, 11)
    seen[0, :, 3] = (0, 0, 49)
    tally = PixelTally()
    tally.add(seen, ids)
    rows = {row.name: row for row in tally.rows(SPEC)}
    assert rows["red_wool"].marks == ("post",)
    assert (rows["red_wool"].inside.pixels, rows["red_wool"].edge.pixels) == (18, 6)
    assert rows["red_wool"].inside.most == (100, 0, 1)
    assert rows["red_wool"].inside.mean == pytest.approx((100 / 18, 0, 1 / 18))
    assert rows["red_wool"].inside.striking == 1 / 18
    assert rows["red_wool"].edge.striking == 0
    assert rows["red_wool"].off == pytest.approx(100 / 18)
    assert rows["sky"].inside.striking == 0
    assert rows["sky"].edge.striking == 1
    assert rows["gold_block"].inside.pixels == 0


def test_the_page_needs_nothing_from_elsewhere(same: Path) -> None:
    page = (same / "parity.html").read_text()
    addresses = re.findall(r'(?:src|href)="([^"]{0,40})', page)
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert "<script" not in page


def test_the_page_opens_in_a_browser(
    same: Path, blue: tuple[Path, Parity], browser: Chromium
) -> None:
    browser.complaints.clear()
    browser.open(same / "parity.html")
    text = browser.evaluate("document.body.innerText")
    for said in ("All 9 bars are met.", ASKED.note, "What to send back", "parity.zip",
                 "provisional", "says nothing about Minecraft", SPEC.task_hash):  # fmt: skip
        assert said in text
    browser.open(blue[0] / "parity.html")
    shown = browser.evaluate("document.querySelector('#verdict').innerText")
    assert "red_wool" in shown
    sizes = browser.evaluate("[...document.images].map(image => image.naturalWidth)")
    assert set(sizes) == {784}
    assert browser.complaints == []


@pytest.mark.parametrize("width", [1200, 400])
def test_nothing_hangs_over_the_edge(
    blue: tuple[Path, Parity], browser: Chromium, width: int
) -> None:
    browser.resize(width)
    browser.open(blue[0] / "parity.html")
    assert browser.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("parity.json", "cannot be read as JSON"),
        ("walks.csv", "damaged"),
        ("frames", "cannot be read"),
    ],
)
def test_a_damaged_directory_has_no_page(
    same: Path, tmp_path: Path, name: str, message: str
) -> None:
    for entry in same.iterdir():
        if entry.is_file() and entry.suffix != ".html":
            (tmp_path / entry.name).write_bytes(entry.read_bytes())
    if name != "frames":
        (tmp_path / name).write_text("split,level_seed,walk,apart\na,b,c,d\n")
    with pytest.raises(CorruptFileError, match=message):
        write_page(tmp_path)
    assert not (tmp_path / "parity.html").exists()


def test_the_command_tells_by_its_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["parity", SPEC.name, "--backend", "voxel", "--levels", "2", "--poses", "12"]
    assert main(words) == 0
    out = tmp_path / "runs" / SPEC.name / "parity-voxel-voxel"
    told = capsys.readouterr().out
    assert "All 9 bars are met." in told
    assert "parity.zip" in told
    assert json.loads((out / "parity.json").read_text())["minerl"] is None

    def wrong(*asked: object) -> Sides:
        return Sides(Blue(1, SPEC.world_shape, threads=1), engine())

    monkeypatch.setattr(parity, "open_sides", wrong)
    assert main(words) == 1
    captured = capsys.readouterr()
    assert "red_wool" in captured.out
    assert captured.err.startswith("falsebeacon: 2 of 9 bars are not met.")


def test_two_minecrafts_need_two_ports(tmp_path: Path) -> None:
    ports = MineRLSettings(attach=(10000,))
    asked = ParityRequest(task=SPEC.name, backend="minerl", against="minerl", minerl=ports)
    with pytest.raises(FalseBeaconError, match="ports of both"):
        compare(asked, tmp_path / "parity", silent)


def test_the_client_is_at_parity_with_the_stand_in(standin_port: int, tmp_path: Path) -> None:
    """Of the stand-in: client, mission and protocol, not what Minecraft does."""
    settings = MineRLSettings(attach=(standin_port,))
    asked = ParityRequest(task=SPEC.name, levels=1, poses=3, minerl=settings, note=STANDIN)
    found = compare(asked, tmp_path / "parity", silent)
    assert all(not level.refusal for level in found.levels)
    assert not [walk.fault for walk in found.walks if walk.fault]
    assert max(walk.farthest for walk in found.walks) < 1e-9
    # What a beacon stands on is bedrock there, so that a beam can rise.
    differing = {block.name for block in found.blocks if any(block.inside.most)}
    assert differing <= {"iron_block"}
    # Three poses do not show every candidate.
    assert list(unmet(found)) == ["markers of candidates"]
    assert found.names_compared
    page = (tmp_path / "parity" / "parity.html").read_text()
    assert "anything but Minecraft proves client, mission and protocol" in page
    assert "project&#39;s stand-in, not Minecraft" in page
