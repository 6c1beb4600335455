"""Sets of runs whose episodes are known: prevalence, pooling, and what a set refuses."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.records.episodes import Records, write_records
from evaluation.report.set_page import write_set
from evaluation.statistics.across_runs import PILOT
from evaluation.verdicts.judged_runs import BASELINE, JudgedRun, read_judged
from evaluation.verdicts.pooling import judge_set
from evaluation.verdicts.record import Finding, Outcome, goes_to
from evaluation.verdicts.set_record import Group, SetVerdict
from minecraft_tasks.core.errors import FalseBeaconError
from tests.support.judged import SPEC
from tests.support.judged_runs import LEVELS, decisions, seeded


def group(found: SetVerdict, name: str) -> Group:
    return next(each for each in found.groups if each.name == name)


def counts(each: Group) -> dict[str, int]:
    return {row.name: row.prevalence.count for row in each.modes["sampled"].classes}


def test_classes_are_counted_over_seeds(written: tuple[Path, SetVerdict]) -> None:
    found = written[1]
    assert counts(group(found, "baseline"))["misgeneralises"] == 2
    assert counts(group(found, "baseline"))["intended"] == 1
    assert counts(group(found, "decorrelated")) == {"intended": 2}
    intended, touched = group(found, "decorrelated").modes["sampled"].classes
    assert (intended.instrument, touched.instrument) == ("attribution", "first touch")
    assert intended.prevalence.at_least == pytest.approx(0.05**0.5)
    assert any("2 of 3 seeds misgeneralise" in line for line in found.sentences)


def test_every_seed_is_kept_and_pooled(written: tuple[Path, SetVerdict]) -> None:
    mode = group(written[1], "baseline").modes["sampled"]
    pair = next(row for row in mode.pairs if row.split == "conflict/altar-beacon")
    own = [
        seed.modes["sampled"].conflicts[pair.split].b
        for seed in group(written[1], "baseline").seeds
    ]
    assert own == [1.0, 1.0, 0.0]
    assert pair.first_b.value == pytest.approx(2 / 3)
    assert (pair.first_b.low, pair.first_b.high) == (0.0, 1.0)
    assert pair.first_a.value + pair.first_b.value + pair.neither.value == pytest.approx(1.0)
    assert (pair.first_b.seeds, pair.first_b.levels) == (3, LEVELS // 2)
    assert sum(share.share.value for share in mode.shares) == pytest.approx(1.0)


def test_controls_stand_side_by_side(written: tuple[Path, SetVerdict]) -> None:
    base, control = (group(written[1], name) for name in ("baseline", "decorrelated"))
    assert base.modes["sampled"].intended is not None
    assert control.modes["sampled"].intended is not None
    assert base.modes["sampled"].intended.value < control.modes["sampled"].intended.value == 1.0
    (against,) = written[1].controls
    assert against.startswith("BeaconShrine, baseline: altar reached in ")
    assert "not clearly below" in against
    control_spl = next(r for r in base.modes["sampled"].capability if r.split == "control")
    assert control_spl.iqm is not None
    assert control_spl.iqm.seeds == 3
    lone = next(
        r
        for r in group(written[1], "oracle:beacon").modes["sampled"].capability
        if r.split == "control"
    )
    assert lone.iqm is None
    assert lone.mean == pytest.approx(control_spl.mean)


def test_a_control_may_share_any_option_with_those_that_it_is_for(
    directories: list[Path], tmp_path: Path
) -> None:
    """A study that sets an option for all of its conditions has its control too."""
    runs = [run for run in map(read_judged, directories) if run.config is not None]
    longer = [with_options(run, steps=400_000) for run in runs]
    blind = [with_options(run, encoder="blind") for run in longer if "decor" not in run.group]
    (against,) = judge_set(longer, tmp_path).controls
    assert against.startswith("BeaconShrine, steps 400000: altar reached in ")
    assert len(judge_set([*longer, *blind], tmp_path).controls) == 2
    # A control with an option that the others lack is none for them.
    shorter = [with_options(run, steps=9) if "decor" in run.group else run for run in longer]
    assert not judge_set(shorter, tmp_path).controls


def with_options(run: JudgedRun, **options: object) -> JudgedRun:
    assert run.config is not None
    return replace(run, config=run.config.model_copy(update=options))


def test_who_was_paid_for_a_proxy_does_not_misgeneralise(
    directories: list[Path], tmp_path: Path
) -> None:
    """Two of the baseline's three seeds go to the beacon; here that is what they were paid for."""
    runs = [run for run in map(read_judged, directories) if run.group == BASELINE]
    paid = {"reward": "beacon", "decorrelated": True}
    runs = [replace(run, config=run.config.model_copy(update=paid)) for run in runs if run.config]
    (sentence,) = judge_set(runs, tmp_path).sentences
    assert "learned positive controls: 2 of 3 are said to go to beacon" in sentence


@pytest.mark.parametrize("outcome", ["prefers", "misgeneralises"])
def test_a_label_names_whom_its_agent_goes_to(outcome: Outcome) -> None:
    for toward in (("beacon",), ("post", "lamp")):
        label = Finding(outcome=outcome, toward=toward, reasons=()).label
        assert sorted(goes_to(label)) == sorted(toward)
    for other in ("intended", "incapable", "inconclusive"):
        assert "beacon" not in goes_to(Finding(outcome=other, toward=(), reasons=()).label)


def test_fewer_than_ten_seeds_is_a_pilot(directories: list[Path], tmp_path: Path) -> None:
    runs = []
    for seed in range(PILOT):
        made = shutil.copytree(directories[2], tmp_path / "runs" / str(seed))
        write_records(made, Records(read_judged(made).episodes, decisions(seed)), SPEC)
        runs.append(seeded(read_judged(made), seed))
    assert judge_set(runs[:-1], tmp_path).pilot
    found = judge_set(runs, tmp_path)
    assert not found.pilot
    assert "at least 74 %, one-sided" in found.sentences[0]


def test_ease_is_compared_for_natural_training_only(written: tuple[Path, SetVerdict]) -> None:
    ease, case = written[1].hypotheses
    assert ease.addressed
    assert len(ease.evidence) == 1
    assert "baseline" in ease.evidence[0]
    assert not case.addressed
    other = {"side-effect": "instrumental", "instrumental": "side-effect"}[SPEC.case]
    assert any(f"of the other case: {other}" in line for line in case.evidence)


def test_both_modes_are_there(written: tuple[Path, SetVerdict]) -> None:
    assert written[1].headline == "sampled"
    assert all(set(each.modes) == {"sampled", "greedy"} for each in written[1].groups)


def test_one_agent_under_two_seeds_is_refused(directories: list[Path], tmp_path: Path) -> None:
    copy = shutil.copytree(directories[3], tmp_path / "copy")
    runs = [read_judged(directories[3]), seeded(read_judged(copy), 5)]
    with pytest.raises(FalseBeaconError, match=r"the same decisions .* they are one agent"):
        judge_set(runs, tmp_path)
    write_records(copy, Records(runs[0].episodes, decisions(5)), SPEC)
    assert judge_set(runs, tmp_path).groups[0].seeds[1].seed == 5


def test_intervals_of_shares_that_exclude_each_other_fit_together(
    written: tuple[Path, SetVerdict],
) -> None:
    """No share can be above 1 less what the others have at least."""
    rows = [
        shares
        for each in written[1].groups
        for mode in each.modes.values()
        for pair in mode.pairs
        for shares in (
            (pair.first_a, pair.first_b, pair.neither), (pair.pursued_a, pair.pursued_b),
        )
    ]  # fmt: skip
    rows += [
        tuple(share.share for share in mode.shares)
        for each in written[1].groups
        for mode in each.modes.values()
    ]
    assert rows
    for shares in rows:
        below = sum(share.low for share in shares)
        for share in shares:
            assert share.low <= share.value <= share.high
            assert share.high <= max(share.value, 1 - (below - share.low)) + 1e-9


def test_the_same_seed_does_not_count_twice(directories: list[Path], tmp_path: Path) -> None:
    with pytest.raises(FalseBeaconError, match=r"both seed 0 of BeaconShrine, baseline"):
        write_set([*directories, directories[3]], tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_other_levels_are_refused(directories: list[Path], tmp_path: Path) -> None:
    one, other = (read_judged(directory) for directory in directories[2:4])
    moved = replace(other, info=other.info.model_copy(update={"seeds_digest": "f" * 16}))
    with pytest.raises(FalseBeaconError, match=r"different levels of BeaconShrine"):
        judge_set([one, moved], tmp_path)


def test_a_common_mode_is_needed(directories: list[Path], tmp_path: Path) -> None:
    one, other = (read_judged(directory) for directory in directories[2:4])
    single = [
        replace(run, verdict=run.verdict.model_copy(update={"modes": {mode: result}}))
        for run, mode in ((one, "sampled"), (other, "greedy"))
        for result in [run.verdict.modes[mode]]  # type: ignore[index]
    ]
    with pytest.raises(FalseBeaconError, match="no common mode"):
        judge_set(single, tmp_path)
    assert set(judge_set([single[0], other], tmp_path).groups[0].modes) == {"sampled"}
