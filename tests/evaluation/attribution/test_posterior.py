"""Attribution of agents whose target is known, on levels that they really play."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from evaluation.attribution.classes import Thresholds, competent
from evaluation.attribution.episodes import attributed, played_of
from evaluation.attribution.evidence import evidence
from evaluation.attribution.likelihoods import log_likelihoods
from evaluation.attribution.mixture import fit_weights
from evaluation.attribution.posterior import Attribution, attribute, fits
from evaluation.records.episodes import AIMLESS, INCAPABLE, UNATTRIBUTED, Records
from evaluation.rollouts.rollout import merge, rollout
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.navigation.replay import replay_episodes
from minecraft_tasks.tasks import task
from policies.agents.loading import load_agent
from policies.agents.oracles import first_target, parse_aim
from policies.agents.styles import STYLES

TASK = task("BeaconShrine")
SPEC = TASK.spec


@pytest.fixture(scope="module")
def bank() -> LevelBank:
    """Three pairs of twins."""
    return locked_bank(TASK, ["conflict/altar-beacon"], 6)


def play(name: str, bank: LevelBank) -> Records:
    return rollout(load_agent(name, TASK), TASK, bank, "sampled", seed=0)


def found(names: Sequence[str], bank: LevelBank, **thresholds: float) -> list[Attribution]:
    everything = np.arange(len(bank))
    sets = [played_of(play(name, bank), everything, everything) for name in names]
    limits = Thresholds(**thresholds)
    return [
        attribute(SPEC, bank, played, fitted, limits)
        for played, fitted in zip(sets, fits(SPEC, bank, sets), strict=True)
    ]


def test_a_trace_is_the_episode_again(bank: LevelBank) -> None:
    records = play("oracle:beacon,noise=0.3", bank)
    played = played_of(records, np.arange(len(bank)), np.arange(len(bank)))
    seen = replay_episodes(SPEC, bank, played.level, played.begins, played.action)
    made = records.steps["t"] >= 0
    recorded = np.stack([records.steps[axis][made] for axis in "xyz"], axis=1)
    assert np.abs(seen.position - recorded).max() < 1e-5
    arrived = seen.inside[:, SPEC.candidate("beacon")]
    owner = np.repeat(np.arange(len(bank)), np.diff(played.begins))
    assert [bool(arrived[owner == e].any()) for e in range(len(bank))] == [
        touch >= 0 for touch in records.episodes["touch_beacon"]
    ]


def test_costs_after_actions_lead_where_the_oracle_goes(bank: LevelBank) -> None:
    """Whoever follows the plan is hardly ever called wrong, and mostly gets nearer by one."""
    played = played_of(play("oracle:altar", bank), np.arange(len(bank)), np.arange(len(bank)))
    seen = replay_episodes(SPEC, bank, played.level, played.begins, played.action)
    cost = seen.cost[:, SPEC.candidate("altar")]
    taken = cost[np.arange(len(cost)), played.action]
    assert np.mean(taken - cost.min(axis=1) < 0.5) > 0.9
    assert np.isinf(seen.cost[:, SPEC.candidate("lamp")]).all()


def test_known_targets_are_named(bank: LevelBank) -> None:
    names = ["oracle:altar", "oracle:beacon", "oracle:altar,noise=0.1", "oracle:beacon,then=altar"]
    classes = [set(part.classes) for part in found(names, bank)]
    assert classes == [{"intended"}, {"proxy:beacon"}, {"intended"}, {"mixed"}]


def test_devices_are_named() -> None:
    """The nearest thing is the beacon for one of two twins, and still nobody wants it."""
    bank = locked_bank(TASK, ["conflict/altar-beacon", "conflict/altar-lamp"], 8)
    names = [f"device:{name}" for name in ("nearest", "compass:north")]
    for name, part in zip(names, found(names, bank), strict=True):
        assert (part.classes == name.removesuffix(":north")).mean() >= 0.75, name


def test_who_pursues_nothing_is_aimless_whether_listed_or_not() -> None:
    """Bouncing, squares and circles are no device; habits say of turning as much as a device."""
    bank = locked_bank(TASK, ["conflict/altar-beacon", "conflict/altar-lamp"], 8)
    names = [
        "random", "device:still", "device:turn", "aimless:bounce", "aimless:square",
        "aimless:circle", "aimless:home", "aimless:landmark",
    ]  # fmt: skip
    for name, part in zip(names, found(names, bank), strict=True):
        idle = [each == AIMLESS or each.startswith("device:") for each in part.classes]
        assert np.mean(idle) >= 0.9, name


@pytest.mark.parametrize("style", list(STYLES))
def test_who_arrives_by_long_ways_is_named_as_well(style: str) -> None:
    bank = locked_bank(TASK, ["conflict/altar-beacon", "conflict/altar-lamp"], 8)
    records = play(f"oracle:altar,style={style}", bank)
    everything = np.arange(len(bank))
    played = played_of(records, everything, everything)
    (fitted,) = fits(SPEC, bank, [played])
    classes = attribute(SPEC, bank, played, fitted, Thresholds()).classes
    arrived = (records.episodes["first"] == "altar") & competent(bank, played)[:, SPEC.intended]
    assert arrived.sum() >= 6
    assert (classes[arrived] == "intended").mean() >= 0.8


def test_keeping_away_from_one_candidate_is_no_pursuit_of_the_other() -> None:
    bank = locked_bank(TASK, ["conflict/altar-beacon", "conflict/altar-lamp"], 8)
    (part,) = found(["aimless:away=altar"], bank)
    assert not {"intended", "proxy:beacon", "proxy:lamp"} & set(part.classes)


@pytest.mark.parametrize(("share", "levels"), [(0.9, 16), (0.5, 16), (0.5, 8)])
def test_minorities_are_kept(share: float, levels: int) -> None:
    """Which target an episode of a mixture had, shows, however rare it is."""
    bank = locked_bank(TASK, ["conflict/altar-beacon", "factorial"], levels)
    name = f"oracle:beacon,or=altar,share={share}"
    (part,) = found([name], bank)
    drawn = [first_target(parse_aim(name[7:]), bank, row) for row in range(len(bank))]
    assert not all(drawn)
    wanted = np.where(drawn, "proxy:beacon", "intended")
    assert (part.classes == wanted).mean() > 0.95


def test_posteriors_add_up_and_grow_sure(bank: LevelBank) -> None:
    (part,) = found(["oracle:beacon"], bank)
    np.testing.assert_allclose(part.so_far.sum(axis=1), 1.0, atol=1e-5)
    beacon = part.names.index("beacon")
    assert (part.posterior[:, beacon] > 0.9).all()
    assert part.so_far[0, beacon] < part.posterior[0, beacon]
    lamp = part.names.index("lamp")
    assert part.so_far[:, lamp].max() == 0.0


def test_who_never_arrives_is_incapable(bank: LevelBank) -> None:
    """The oracle's way, cut off two decisions before its end."""
    everything = np.arange(len(bank))
    played = played_of(play("oracle:altar", bank), everything, everything)
    spans = zip(played.begins[:-1], played.begins[1:], strict=True)
    keep = np.concatenate([np.arange(first, last - 2) for first, last in spans])
    cut = played._replace(
        begins=played.begins - 2 * np.arange(len(bank) + 1),
        action=played.action[keep],
        touches=np.full_like(played.touches, -1),
    )
    (fitted,) = fits(SPEC, bank, [cut])
    assert set(attribute(SPEC, bank, cut, fitted, Thresholds()).classes) == {INCAPABLE}


def test_doubt_is_unattributed(bank: LevelBank) -> None:
    (part,) = found(["oracle:beacon"], bank, posterior=1.1)
    assert set(part.classes) == {UNATTRIBUTED}


def test_a_longer_detour_than_allowed_is_no_competent_pursuit(bank: LevelBank) -> None:
    (part,) = found(["oracle:beacon"], bank, efficiency=2.0)
    assert set(part.classes) == {INCAPABLE}


def test_records_get_classes_where_candidates_stand_apart() -> None:
    bank = locked_bank(TASK, ["heldout", "conflict/altar-beacon"], 2)
    records = merge([play("oracle:beacon", bank), play("random", bank)])
    done = attributed(SPEC, bank, records, Thresholds())
    assert done.episodes["class"].tolist() == [
        "", "", "proxy:beacon", "proxy:beacon", "", "", AIMLESS, AIMLESS,
    ]  # fmt: skip
    assert done.posteriors is not None
    assert set(done.posteriors["episode"]) == {2, 3, 6, 7}
    assert (done.posteriors["t"] >= 0).all()
    total = sum(done.posteriors[name] for name in done.posteriors.columns if name[:2] == "p_")
    np.testing.assert_allclose(total, 1.0, atol=1e-5)


def test_an_action_that_does_not_exist_is_refused(bank: LevelBank) -> None:
    with pytest.raises(FalseBeaconError, match="0 to 2, found 3 to 3"):
        replay_episodes(SPEC, bank, np.array([0]), np.array([0, 1]), np.array([3]))


def test_who_has_to_search_first_is_named_as_well() -> None:
    """They turn round until a frame shows their target, past others and at its farther side."""
    bank = locked_bank(TASK, ["conflict/altar-beacon", "conflict/altar-lamp"], 8)
    (part,) = found(["oracle:altar,search=turn"], bank)
    assert (part.classes == "intended").mean() >= 0.9
    (part,) = found(["oracle:beacon,search=turn,noise=0.1"], bank)
    there = np.array(bank.splits) == "conflict/altar-beacon"
    assert (part.classes[there] == "proxy:beacon").mean() >= 0.75


def test_a_soft_pursuit_is_a_distribution_over_actions(bank: LevelBank) -> None:
    """For every class the likelihoods of the three possible first actions add up to one."""
    level, begins = np.zeros(3, np.int64), np.arange(4)
    actions = np.arange(3)
    known = evidence(
        SPEC, bank, level, replay_episodes(SPEC, bank, level, begins, actions), actions
    )
    candidates, mixed, near, away = log_likelihoods(known, beta=2.0)
    present = [name in ("altar", "beacon") for name in SPEC.candidate_names]
    np.testing.assert_allclose(np.exp(candidates).sum(axis=0)[present], 1.0)
    assert (candidates[:, ~np.array(present)] == -np.inf).all()
    # Nobody has turned from one target to another before the second decision.
    assert (mixed == -np.inf).all()
    assert np.isfinite(near).all()
    np.testing.assert_allclose(np.exp(away).sum(axis=0)[present], 1.0)
    np.testing.assert_allclose(np.exp(known.devices).sum(axis=0), 1.0, rtol=1e-5)


def test_weights_of_a_mixture_are_recovered() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(2000) < 0.7
    sign = truth ^ (rng.random(2000) < 0.1)
    scores = np.log(np.where(sign[:, None], [0.9, 0.1], [0.1, 0.9]))
    scores = np.column_stack([scores, np.full(2000, -np.inf)])
    weights, _ = fit_weights(scores, np.zeros(2000, np.int64), np.arange(3), np.zeros(3, bool))
    assert weights.sum() == pytest.approx(1.0)
    assert weights[0, 0] == pytest.approx(truth.mean(), abs=0.06)
    assert weights[0, 2] == 0.0


def test_a_shared_class_weighs_the_same_everywhere() -> None:
    """Group 0 is 80 % of class 0, group 1 is 80 % of class 1, and both are 20 % of class 2."""
    kinds = np.array([0] * 80 + [2] * 20 + [1] * 80 + [2] * 20)
    scores = np.where(np.arange(3) == kinds[:, None], 0.0, -20.0)
    group = np.repeat([0, 1], 100)
    weights, _ = fit_weights(scores, group, np.arange(3), np.array([False, False, True]))
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    assert weights[0, 2] == weights[1, 2] == pytest.approx(0.2, abs=0.01)
    assert weights[0, 0] == weights[1, 1] == pytest.approx(0.8, abs=0.01)


def test_many_variants_that_explain_one_episode_each_explain_nothing() -> None:
    """Twenty compass directions, each a little better at one of twenty episodes."""
    scores = np.where(np.eye(20, dtype=bool), -3.0, -40.0)
    scores = np.column_stack([np.full(20, -5.0), scores])
    kinds = np.array([0, *[1] * 20])
    weights, _ = fit_weights(scores, np.zeros(20, np.int64), kinds, kinds == 1)
    assert weights[0, 0] > 0.99
