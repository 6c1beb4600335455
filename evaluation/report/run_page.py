"""The report of an evaluation directory: one HTML file that needs no network and no engine."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import cv2
import numpy as np
from markupsafe import Markup

from evaluation.ease.prediction import Forecast, forecast
from evaluation.ease.table import MEASURES
from evaluation.measures.capability import GATE_ERROR, GATE_RATIO, LOST_RATIO, Capability
from evaluation.measures.competence import COMPETENCE_FILE as COMPETENCE
from evaluation.measures.competence import Competence, CompetenceFile
from evaluation.measures.cycles import cycles
from evaluation.measures.preference_file import PREFERENCE_FILE as PREFERENCE
from evaluation.measures.preference_file import PreferenceModel, read_preference
from evaluation.over_training.conflict_counts import PASSING
from evaluation.records.clip_selection import MOST_FRAMES, RULES, Clip
from evaluation.records.episodes import (
    NEITHER,
    REFERENCE,
    Episodes,
    Steps,
    class_order,
    read_episodes,
    read_steps,
)
from evaluation.records.info import EvaluationInfo, PlanPicture, read_info
from evaluation.report import figures, trajectories
from evaluation.report.training_section import training_section, training_text
from evaluation.statistics.estimates import percent
from evaluation.style.page import data_address, render_page
from evaluation.style.palette import candidate_colours
from evaluation.verdicts.record import ModeResult, Verdict
from minecraft_tasks.core.errors import CorruptFileError, StaleError, UnknownNameError
from minecraft_tasks.core.files import write_text
from minecraft_tasks.tasks.data import task_file


@dataclass(frozen=True)
class Evaluation:
    """An evaluation directory, read and checked."""

    directory: Path
    info: EvaluationInfo
    verdict: Verdict
    episodes: Episodes
    steps: Steps
    preference: PreferenceModel | None


def read_evaluation(directory: Path) -> Evaluation:
    """Reads everything that a report needs.

    Raises:
        CorruptFileError: If a file is missing or damaged.
        StaleError: If a file is of another schema version or another task.
    """
    info = read_info(directory)
    verdict = Verdict.read(directory / "verdict.json")
    if verdict.task_hash != info.task_hash:
        raise StaleError(
            f"{directory / 'verdict.json'} was made for task hash {verdict.task_hash}, "
            f"evaluation.json for {info.task_hash}: evaluate again."
        )
    episodes = read_episodes(directory / "episodes.parquet", info.task_hash)
    steps = read_steps(directory / "steps.parquet", info.task_hash)
    known = (directory / PREFERENCE).is_file()
    preference = read_preference(directory) if known else None
    return Evaluation(directory, info, verdict, episodes, steps, preference)


def write_report(directory: Path) -> Path:
    """Writes `report.html`, and returns its path; errors are those of `read_evaluation`."""
    path = directory / "report.html"
    write_text(path, report_html(read_evaluation(directory)))
    return path


def review_folder(directory: Path) -> Path:
    """Folder of the site that `falsebeacon review` makes of one evaluation."""
    return directory.with_name(f"review-{directory.name}")


def _review(directory: Path) -> str:
    """Address of that site, seen from the report; empty if there is none."""
    page = review_folder(directory.resolve()) / "index.html"
    return quote(f"../{page.parent.name}/{page.name}") if page.is_file() else ""


def report_html(evaluation: Evaluation) -> str:
    """The report as one self-contained page."""
    verdict, info = evaluation.verdict, evaluation.info
    result = verdict.modes[verdict.headline]
    return render_page(
        "report.html.j2",
        info=info,
        spec=info.spec,
        verdict=verdict,
        result=result,
        drawn={mode: _mode_figures(result, info) for mode, result in verdict.modes.items()},
        preference=evaluation.preference,
        competence=_competence(evaluation),
        cycles=cycles(evaluation.episodes.own, evaluation.steps),
        colours=candidate_colours(info.spec.candidate_names),
        gate_ratio=GATE_RATIO,
        lost_ratio=LOST_RATIO,
        gate_error=GATE_ERROR,
        forecast=_forecast(result, info),
        measures=MEASURES,
        twins=_twin_figures(evaluation),
        clips=_clip_groups(evaluation.directory),
        review=_review(evaluation.directory),
        directory=shlex.quote(str(evaluation.directory)),
        most_frames=MOST_FRAMES,
        classes=_class_columns(verdict),
        passing=PASSING,
        training=training_section(evaluation.directory, info),
    )


def _competence(evaluation: Evaluation) -> tuple[Competence, ...]:
    """Conflict competence in the headline mode; empty if it is not stored."""
    path = evaluation.directory / COMPETENCE
    modes = CompetenceFile.read(path).modes if path.is_file() else {}
    return modes.get(evaluation.verdict.headline, ())


def _class_columns(verdict: Verdict) -> tuple[str, ...]:
    """Every class that an episode of a conflict has in some mode, in a fixed order."""
    pairs = [pair for result in verdict.modes.values() for pair in result.pairs]
    return tuple(sorted({name for pair in pairs for name in pair.classes}, key=class_order))


def _coinciding(result: ModeResult, info: EvaluationInfo) -> list[Capability]:
    """Rows of the splits from which no candidate is missing."""
    return [row for row in result.capability if not info.spec.split(row.split).partial]


def _mode_figures(result: ModeResult, info: EvaluationInfo) -> dict[str, Markup]:
    names = info.spec.candidate_names
    colours = candidate_colours(names)
    coincide = _coinciding(result, info)
    before = None if info.spec.split(result.gate.splits[0]).apart else result.gate.heldout
    floor = GATE_RATIO * before.value if before else 0.0
    floors = {split.name: floor for split in info.spec.of_kind("control")}
    drawn = {}
    if coincide:
        drawn["capability"] = Markup(figures.capability_bars(coincide, result.gate, floors))
    if result.pairs:
        drawn["matrix"] = Markup(figures.preference_matrix(result.pairs, names))
    if result.shares:
        drawn["shares"] = Markup(figures.share_bars(result.shares, colours))
    return drawn


def _forecast(result: ModeResult, info: EvaluationInfo) -> Forecast | None:
    """Registered ease next to the shares of first touches; None without factorial episodes."""
    if not result.shares:
        return None
    try:
        path = task_file("ease", info.spec.name, info.task)
    except UnknownNameError:
        return None
    return forecast(path, info.spec, {each.candidate: each.share.value for each in result.shares})


def _twin_figures(evaluation: Evaluation) -> dict[str, list[Markup]]:
    """By split, one figure for each pair of twins whose plans were kept."""
    colours = candidate_colours(evaluation.info.spec.candidate_names)
    pairs: dict[tuple[str, int], list[PlanPicture]] = {}
    for plan in evaluation.info.plans:
        pairs.setdefault((plan.split, plan.level // 2), []).append(plan)
    drawn: dict[str, list[Markup]] = {}
    for (split, _), pair in pairs.items():
        panels = [_panel(evaluation, plan) for plan in pair]
        drawn.setdefault(split, []).append(Markup(trajectories.twin_figure(panels, colours)))
    return drawn


def _panel(
    evaluation: Evaluation, plan: PlanPicture
) -> tuple[PlanPicture, np.ndarray, list[trajectories.Path]]:
    file = evaluation.directory / plan.file
    picture = cv2.imread(str(file))
    if picture is None:
        raise CorruptFileError(f"{file} is missing or damaged: evaluate again.")
    own = evaluation.episodes.take(evaluation.episodes["agent"] != REFERENCE)
    own = own.where(split=plan.split, level=plan.level)
    drawn = [_path(evaluation, own, row) for row in range(len(own))]
    return plan, cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), drawn


def _path(evaluation: Evaluation, episodes: Episodes, row: int) -> trajectories.Path:
    first = str(episodes["first"][row])
    steps = evaluation.steps.of(int(episodes["episode"][row]))
    return trajectories.Path(
        mode=str(episodes["mode"][row]),
        first=first,
        cost=int(episodes["steps" if first == NEITHER else f"touch_{first}"][row]),
        points=np.stack([steps["x"], steps["z"], steps["yaw"]], axis=1),
    )


def _clip_groups(directory: Path) -> dict[str, list[tuple[Clip, Markup]]]:
    """Clips by group, with their videos as data addresses."""
    groups: dict[str, list[tuple[Clip, Markup]]] = {}
    for path in sorted((directory / "clips").glob("*.json")):
        clip = Clip.read(path)
        video = Markup(data_address(directory / clip.file, "video/webm", "evaluate again"))
        groups.setdefault(clip.group, []).append((clip, video))
    for members in groups.values():
        members.sort(key=lambda member: RULES.index(member[0].rules[0]))
    return dict(sorted(groups.items(), key=lambda item: -item[1][0][0].candidates))


def report_text(directory: Path) -> str:
    """The report's numbers as a short table for a terminal."""
    evaluation = read_evaluation(directory)
    verdict, info = evaluation.verdict, evaluation.info
    result = verdict.modes[verdict.headline]
    trained = f", {info.agent_steps:,} training steps" if info.agent_steps else ""
    lines = [
        f"{info.spec.name}: {info.agent}{trained}",
        f"Verdict ({verdict.headline} actions): {verdict.sentence}",
        "",
        f"{'capability':<24}{'SPL':<22}success",
    ]
    coincide = _coinciding(result, info)
    lines += [f"  {row.split:<22}{row.spl!s:<22}{row.success}" for row in coincide]
    if result.gate.random is not None:
        lines.append(f"  {'random on control':<22}{result.gate.random}")
    for split, length in result.gate.searcher.items():
        lines.append(f"  {f'searcher on {split}':<22}{length}")
    failed = "not passed" if result.gate.decided else "not decided"
    if result.gate.outdone:
        failed += f": its ways are no shorter than those of {result.gate.outdone}"
    lines.append(f"  gate {'passed' if result.gate.passed else failed}")
    lines += _pairs_text(result)
    if result.shares:
        shares = [f"{share.candidate} {percent(share.share.value)}" for share in result.shares]
        lines += ["", f"all apart               {'  '.join(shares)}"]
    lines += training_text(directory, info)
    loops = [
        f"{row.mode} episodes that go in circles until time is up: {row.cycling} of {row.episodes}"
        for row in cycles(evaluation.episodes.own, evaluation.steps)
        if row.cycling
    ]
    return "\n".join([*lines, *_notes(verdict, result, info), *loops])


def _pairs_text(result: ModeResult) -> list[str]:
    """Shares of pursuits and of first touches of each conflict, as lines."""
    if not result.pairs:
        return []
    lines = ["", f"{'':<24}{'pursued':>24}{'first touched':>27}"]
    columns = ("first", "second", "other", "first", "second", "neither")
    lines.append(f"{'':<24}" + "".join(f"{name:>9}" for name in columns) + f"{'n':>6}")
    for pair in result.pairs:
        other = pair.n - pair.a.pursuits - pair.b.pursuits
        shares = [pair.a.pursued.value, pair.b.pursued.value, other / pair.n]
        shares += [pair.a.share.value, pair.b.share.value, pair.neither_share.value]
        cells = "".join(f"{percent(share):>9}" for share in shares)
        lines.append(f"  {pair.a.candidate + ' : ' + pair.b.candidate:<22}{cells}{pair.n:>6}")
    return lines


def _notes(verdict: Verdict, result: ModeResult, info: EvaluationInfo) -> Sequence[str]:
    notes = [f"note: {result.invalid} invalid episodes"] if result.invalid else []
    if info.shown.words:
        notes.append(f"shown by {info.shown.words}")
    if info.trained and info.trained.task_hash != info.task_hash:
        notes.append(
            f"note: trained on {info.spec.name} with task hash {info.trained.task_hash}, judged on "
            f"{info.task_hash} (--other-task-version)"
        )
    for mode, other in verdict.modes.items():
        if mode != verdict.headline:
            notes.append(f"{mode} actions: {other.label}")
    notes.append(f"by first touch: {result.first_touch.label}")
    return ["", *notes]
