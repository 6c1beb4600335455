"""Ease on worlds where a person knows the answer."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.ease.detector import crossing
from evaluation.ease.measure import ease_table, factorial, measure, path_splits
from evaluation.ease.planning import effort
from evaluation.ease.poses import candidate_bearings, marker_pixels, sectors, views
from evaluation.ease.prediction import COMBINED, STATED, predict, score
from evaluation.ease.probes import ProbeSplit, decodability, pixels
from evaluation.ease.settings import (
    EASE_SEEDS,
    DetectorSettings,
    EaseRequest,
    PathSettings,
    RLSettings,
    ViewSettings,
)
from evaluation.ease.table import MEASURES, Ease, Reading, over_seeds, read_ease
from evaluation.ease.text import ease_text
from evaluation.ease.training import run_config, steps_to
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.blocks.palette import block_id
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError, StaleError
from minecraft_tasks.levels.bank import make_bank
from minecraft_tasks.levels.locked import fresh_bank, locked_seeds
from minecraft_tasks.navigation.reachable import places
from minecraft_tasks.spec import LOOK_VERSION, TaskSpec
from minecraft_tasks.tasks import TASKS
from minecraft_tasks.worlds.layout import ground
from minecraft_tasks.worlds.world import World
from policies.runs.config import TrainingConfig
from tests.minecraft_tasks.navigation.test_cost_to_go import AHEAD, BEHIND_A_WALL
from tests.support.plans import world
from tests.support.small import ROLLOUT
from tests.support.small import SMALL as SMALL_RUN

TASK = TASKS["BeaconShrine"]
SPEC = TASK.spec
POST = SPEC.candidate("post")
NOWHERE = np.full(6, np.nan)
COURT = """
    .........
    .#######.
    .#..#..#.
    .#.@#..#.
    .#..#..#.
    .#######.
    .........
"""


def post_effort(made: World) -> tuple[float, float]:
    """Fewest decisions and planning depth to the post of one world."""
    spec = SPEC.model_copy(update={"world_shape": made.blocks.shape})
    bank = make_bank(spec, [made], [spec.split("only/post")], [0])
    found = effort(spec, bank, POST)
    return found.decisions.item(), found.depths.item()


@pytest.mark.parametrize("yaw", [0.0, 45.0, 90.0, 180.0])
def test_an_empty_room_takes_no_planning_whatever_the_heading(yaw: float) -> None:
    decisions, depth = post_effort(world(AHEAD, yaw))
    assert depth == 0
    assert decisions == pytest.approx(6 + max(0, yaw - 7.5) / 15, abs=1)


def test_a_wall_takes_planning_as_far_as_its_end() -> None:
    _, behind = post_effort(world(BEHIND_A_WALL))
    _, shorter = post_effort(world(BEHIND_A_WALL.replace("########...", "..######...")))
    assert behind > shorter > 0


def test_a_candidate_out_of_reach_is_no_level() -> None:
    made = world(BEHIND_A_WALL.replace("########...", "###########"))
    spec = SPEC.model_copy(update={"world_shape": made.blocks.shape})
    bank = make_bank(spec, [made], [spec.split("only/post")], [0])
    assert not len(effort(spec, bank, POST).decisions)


def test_poses_stand_where_one_can_walk_from_the_spawn() -> None:
    made = world(COURT)
    free = places(made.blocks, np.array(made.spawn), NOWHERE)
    assert free[:, 0].min() >= 2.3
    assert free[:, 0].max() <= 3.7
    assert free[:, 2].max() <= 4.7
    assert (free[:, 1] == 1.0).all()
    # Two blocks by three, less what a body of 0.6 needs beside each wall, half a block apart.
    assert len(free) == 3 * 5


def test_places_beyond_the_end_of_an_episode_are_left_out() -> None:
    made = world(COURT.replace(".#.@#..#.", ".#.@...#."))
    spawn = np.array(made.spawn)
    door = np.array([4.0, 0.0, 2.0, 5.0, 4.0, 5.0])
    assert places(made.blocks, spawn, NOWHERE)[:, 0].max() > 5
    assert places(made.blocks, spawn, door)[:, 0].max() < 4


def test_a_candidate_that_fills_half_the_frame_has_a_footprint_of_a_half() -> None:
    blocks = ground((20, 24, 20))
    blocks[:10, 1:, 12] = block_id("red_wool")
    backend = VoxelBackend(1, blocks.shape, threads=1)
    spawn = np.array([[10.0, 1.0, 10.0, 0.0, 0.0]])
    backend.place(np.zeros(1, np.int64), blocks[None], spawn, np.array([6000]))
    ids = np.zeros((1, 64, 64), np.uint8)
    backend.ids(ids)
    assert marker_pixels(ids, SPEC.candidates[POST]).item() == 64 * 64 / 2
    assert marker_pixels(ids, SPEC.candidates[SPEC.candidate("lamp")]).item() == 0


def test_directions_are_the_bodys_own() -> None:
    feet, site = np.zeros((4, 3)), np.array([[-1.0, 0.0, 4.0, 1.0, 2.0, 5.0]])
    # The site lies south, where yaw 0 looks; yaw 90 looks west, with the south on its left.
    angles = candidate_bearings(feet, np.array([0.0, 90.0, 180.0, -90.0]), site)
    np.testing.assert_allclose(angles[:, 0], [0, -90, -180, 90])
    assert sectors(angles)[:, 0].tolist() == [0, 3, 2, 1]


def small_split(levels: int, poses: int) -> ProbeSplit:
    bank = fresh_bank(TASK, "factorial", 2 * levels, EASE_SEEDS)
    seen = views(TASK, bank, poses, seed=0)
    middle = levels + levels // 2
    return ProbeSplit(seen.levels(0, levels), seen.levels(levels, middle), seen.levels(middle))


def test_probes_read_directions_and_shuffled_ones_at_chance() -> None:
    split = small_split(24, 24)
    found = decodability(split, [pixels], SPEC.candidate_names)
    assert found["sun"].low is not None
    assert found["sun"].low > 0.05
    rng = np.random.default_rng(0)
    shuffled = ProbeSplit(*(part._replace(sectors=rng.permutation(part.sectors)) for part in split))
    for reading in decodability(shuffled, [pixels], SPEC.candidate_names).values():
        assert reading.low is not None
        assert reading.low < 0.02
        assert reading.value == pytest.approx(0.0, abs=0.08)


def test_no_level_of_ease_has_a_locked_layout() -> None:
    for task in TASKS.values():
        locked = locked_seeds(task).layouts()
        for split in {factorial(task.spec), *path_splits(task.spec).values()}:
            assert not locked & set(fresh_bank(task, split, 8, EASE_SEEDS).layouts)


def test_a_threshold_is_crossed_between_two_sizes() -> None:
    assert crossing([100, 400], [0.3, 0.5], 0.4) == pytest.approx(200)
    assert crossing([100, 400], [0.5, 0.6], 0.4) == 100
    assert crossing([100, 400, 800], [0.3, 0.5, 0.2], 0.5) == pytest.approx(400)
    assert crossing([100, 400], [0.3, 0.39], 0.4) is None


def test_seeds_that_never_reach_a_threshold_are_not_left_out() -> None:
    assert over_seeds([100.0, None, 300.0], 8).value == 300
    assert over_seeds([100.0, None, None], 8).value is None
    assert over_seeds([100.0, None, None], 8).low == 100


def readings(values: dict[str, float | None]) -> dict[str, Reading]:
    return {name: Reading(value=value, n=1) for name, value in values.items()}


STEPS = readings({"altar": None, "beacon": 10, "post": 30, "lamp": 20, "sun": None})
PIXELS = readings({"altar": 0.1, "beacon": 0.5, "post": 0.2, "lamp": 0.4, "sun": 0.3})


def test_ranks_know_what_is_easy_and_votes_are_equal() -> None:
    names = SPEC.candidate_names
    steps = predict({"rl_steps_90": STEPS}, names)
    assert steps.mean_rank == {"altar": 4.5, "beacon": 1, "post": 3, "lamp": 2, "sun": 4.5}
    both = {"footprint": PIXELS, "visible": PIXELS, "rl_steps_90": STEPS}
    found = predict(both, names)
    assert found.order == ("beacon", "lamp", "post", "sun", "altar")
    assert found.mean_rank["sun"] == (3 + 4.5) / 2
    assert found.measures == ("footprint", "visible", "rl_steps_90")


def handmade() -> Ease:
    ease = ease_table(SPEC, {})
    found = predict({"footprint": PIXELS}, SPEC.candidate_names)
    return ease.model_copy(update={"prediction": found})


def test_a_prediction_is_scored_against_what_was_preferred() -> None:
    ease = handmade()
    assert ease.prediction.order == ("beacon", "lamp", "sun", "post", "altar")
    by_name = {each.prediction: each for each in score(ease, ease.prediction.order)}
    assert by_name[COMBINED].tau == pytest.approx(1)
    assert by_name[COMBINED].p == pytest.approx(2 / 120)
    backwards = score(ease, ease.prediction.order[::-1])
    assert backwards[0].tau == pytest.approx(-1)
    shares = {"altar": 0.0, "beacon": 0.4, "post": 0.2, "lamp": 0.4, "sun": 0.0}
    by_name = {each.prediction: each for each in score(ease, shares)}
    # Seven of ten pairs agree, one does not, two are tied in what was observed.
    assert by_name[COMBINED].tau == pytest.approx((7 - 1) / np.sqrt(10 * 8))
    assert by_name[STATED].n == 5
    nobody = dict.fromkeys(shares, 0.2)
    assert {each.tau for each in score(ease, nobody)} == {None}
    with pytest.raises(FalseBeaconError, match="altar"):
        score(ease, ("altar", "beacon"))


SMALL = EaseRequest(
    task="HiddenGoal",
    paths=PathSettings(levels=2),
    views=ViewSettings(fit_levels=2, choose_levels=1, test_levels=2, poses=4, networks=(0, 1)),
    detector=DetectorSettings(
        views=ViewSettings(fit_levels=2, choose_levels=1, test_levels=2, poses=4),
        sizes=(4, 8), epochs=1, fewest=2, seeds=(0,), thresholds=(0.0, 1.0),
    ),
    skip_rl=True,
)  # fmt: skip


def test_a_table_is_written_stage_by_stage_and_gone_on_with(tmp_path) -> None:
    task, told = TASKS["HiddenGoal"], []
    table = tmp_path / "HiddenGoal.json"
    small = SMALL.model_copy(update={"out": tmp_path, "runs": tmp_path / "runs"})
    found = measure(small, told.append)
    assert told == ["paths: measuring", "views: measuring", "detector: measuring"]
    assert read_ease(table, task.spec, LOOK_VERSION) == found
    assert set(found.readings) == {name for name in MEASURES if not name.startswith("rl")}
    told.clear()
    other = small.model_copy(update={"paths": PathSettings(levels=3)})
    again = measure(other, told.append)
    assert [line.split(" ")[1] for line in told] == ["measuring", "measured", "measured"]
    assert again.stages["views"] == found.stages["views"]
    text = ease_text(again)
    for word in ("goal", "side", "planning depth", "predicted, easiest first", task.spec.task_hash):
        assert word in text


def test_a_training_run_is_made_once_and_only_for_its_own_candidate(tmp_path) -> None:
    task = TASKS["HiddenGoal"]
    config = TrainingConfig(
        **SMALL_RUN | {"task": "HiddenGoal", "reward": "side", "decorrelated": True,
                       "heldout_levels": 0, "steps": 3 * ROLLOUT}
    )  # fmt: skip
    bank = fresh_bank(task, "factorial", 2, RLSettings().first_seed)
    told: list[str] = []
    reached, record = steps_to(task, (0.0, 2.0), bank, config, tmp_path, told.append)
    assert reached == [ROLLOUT, None]
    assert told[0].startswith(f"side: {ROLLOUT} 0.")
    assert steps_to(task, (0.0,), bank, config, tmp_path, told.append) == (
        [ROLLOUT],
        record,
    )
    other = config.model_copy(update={"reward": "goal"})
    with pytest.raises(FalseBeaconError, match="another reward"):
        steps_to(task, (0.0,), bank, other, tmp_path, told.append)


def test_a_run_that_pays_for_a_candidate_has_them_all_apart() -> None:
    config = run_config("BeaconShrine", "lamp", seed=3, steps=0, threads=1)
    assert (config.reward, config.seed, config.decorrelated) == ("lamp", 3, True)
    assert config.steps == TASKS["BeaconShrine"].recipe.steps
    assert config.heldout_levels == 0


def test_a_table_of_another_version_is_refused(tmp_path) -> None:
    table = tmp_path / "ease.json"
    with pytest.raises(CorruptFileError, match="falsebeacon ease BeaconShrine"):
        read_ease(table, SPEC, LOOK_VERSION)
    handmade().write(table)
    with pytest.raises(StaleError, match="--again"):
        read_ease(table, SPEC, LOOK_VERSION + 1)
    changed = TaskSpec.model_validate(SPEC.model_dump() | {"version": 9})
    with pytest.raises(StaleError, match="task hash"):
        read_ease(table, changed, LOOK_VERSION)
