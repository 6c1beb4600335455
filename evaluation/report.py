"""The report of an evaluation directory: one HTML file that needs no network and no engine."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evaluation import figures, paths
from evaluation.capability import GATE_RATIO
from evaluation.ease import MEASURES
from evaluation.ease_ranks import Forecast, forecast
from evaluation.files import read_model
from evaluation.info import EvaluationInfo, PlanPicture, read_info
from evaluation.palette import candidate_colours
from evaluation.records import NEITHER, REFERENCE, Episodes, Steps, read_episodes, read_steps
from evaluation.selection import RULES, Clip
from evaluation.selection import SCHEMA as CLIP_SCHEMA
from evaluation.statistics import percent
from evaluation.verdict import SCHEMA as VERDICT_SCHEMA
from evaluation.verdict import ModeResult, Verdict
from minecraft_tasks.errors import CorruptFileError, StaleError
from minecraft_tasks.files import write_text
from policies.progress import read_rows

CURVES = {"success": "training levels", "heldout_success": "held-out levels"}
"""Columns of `progress.csv` that the learning curve draws, and their labels."""


@dataclass(frozen=True)
class Evaluation:
    """An evaluation directory, read and checked."""

    directory: Path
    info: EvaluationInfo
    verdict: Verdict
    episodes: Episodes
    steps: Steps


def read_evaluation(directory: Path) -> Evaluation:
    """Read everything a report needs.

    Raises:
        CorruptFileError: If a file is missing or damaged.
        StaleError: If a file is of another schema version or another task.
    """
    info = read_info(directory)
    verdict = read_model(directory / "verdict.json", Verdict, VERDICT_SCHEMA)
    if verdict.task_hash != info.task_hash:
        raise StaleError(
            f"{directory / 'verdict.json'} was made for task hash {verdict.task_hash}, "
            f"evaluation.json for {info.task_hash}: evaluate again."
        )
    episodes = read_episodes(directory / "episodes.parquet", info.task_hash)
    steps = read_steps(directory / "steps.parquet", info.task_hash)
    return Evaluation(directory, info, verdict, episodes, steps)


def write_report(directory: Path) -> Path:
    """Write `report.html` into an evaluation directory and return its path.

    Raises:
        CorruptFileError: If a file of the evaluation is missing or damaged.
        StaleError: If one is of another schema version or another task.
    """
    path = directory / "report.html"
    write_text(path, report_html(read_evaluation(directory)))
    return path


def report_html(evaluation: Evaluation) -> str:
    """The report as one self-contained page."""
    verdict, info = evaluation.verdict, evaluation.info
    environment = Environment(
        loader=PackageLoader("evaluation"), autoescape=True, undefined=StrictUndefined
    )
    environment.globals["percent"] = percent
    environment.filters["tied"] = lambda text: text.replace(" %", "\N{NO-BREAK SPACE}%")
    colours = candidate_colours(info.spec.candidate_names)
    modes = {mode: _mode_figures(result, info) for mode, result in verdict.modes.items()}
    return environment.get_template("report.html.j2").render(
        info=info,
        spec=info.spec,
        verdict=verdict,
        result=verdict.modes[verdict.headline],
        drawn=modes,
        colours=colours,
        gate_ratio=GATE_RATIO,
        forecast=_forecast(verdict.modes[verdict.headline], info),
        measures=MEASURES,
        twins=_twin_figures(evaluation),
        clips=_clip_groups(evaluation.directory),
        curve=_curve(evaluation.directory / "progress.csv"),
    )


def _mode_figures(result: ModeResult, info: EvaluationInfo) -> dict[str, Markup]:
    names = info.spec.candidate_names
    colours = candidate_colours(names)
    coincide = [row for row in result.capability if row.kind not in ("absent", "only")]
    floor = GATE_RATIO * result.gate.heldout.value if result.gate.heldout else 0.0
    drawn = {}
    if coincide:
        drawn["capability"] = Markup(figures.capability_bars(coincide, result.gate, floor))
    if result.pairs:
        drawn["matrix"] = Markup(figures.preference_matrix(result.pairs, names))
    if result.shares:
        drawn["shares"] = Markup(figures.share_bars(result.shares, colours))
    return drawn


def _forecast(result: ModeResult, info: EvaluationInfo) -> Forecast | None:
    """What was registered of the candidates' ease, where all of them were played apart."""
    if not result.shares:
        return None
    return forecast(info.spec, {each.candidate: each.share.value for each in result.shares})


def _twin_figures(evaluation: Evaluation) -> dict[str, list[Markup]]:
    """By split, one figure for each pair of twins whose plans were kept."""
    colours = candidate_colours(evaluation.info.spec.candidate_names)
    pairs: dict[tuple[str, int], list[PlanPicture]] = {}
    for plan in evaluation.info.plans:
        pairs.setdefault((plan.split, plan.level // 2), []).append(plan)
    drawn: dict[str, list[Markup]] = {}
    for (split, _), pair in pairs.items():
        panels = [_panel(evaluation, plan) for plan in pair]
        drawn.setdefault(split, []).append(Markup(paths.twin_figure(panels, colours)))
    return drawn


def _panel(
    evaluation: Evaluation, plan: PlanPicture
) -> tuple[PlanPicture, np.ndarray, list[paths.Path]]:
    file = evaluation.directory / plan.file
    picture = cv2.imread(str(file))
    if picture is None:
        raise CorruptFileError(f"{file} is missing or damaged: evaluate again.")
    own = evaluation.episodes.take(evaluation.episodes["agent"] != REFERENCE)
    own = own.where(split=plan.split, level=plan.level)
    drawn = [_path(evaluation, own, row) for row in range(len(own))]
    return plan, cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), drawn


def _path(evaluation: Evaluation, episodes: Episodes, row: int) -> paths.Path:
    first = str(episodes["first"][row])
    steps = evaluation.steps.of(int(episodes["episode"][row]))
    return paths.Path(
        mode=str(episodes["mode"][row]),
        first=first,
        cost=int(episodes["steps" if first == NEITHER else f"touch_{first}"][row]),
        points=np.stack([steps["x"], steps["z"], steps["yaw"]], axis=1),
    )


def _clip_groups(directory: Path) -> dict[str, list[tuple[Clip, Markup]]]:
    """Clips by class, with their videos as data addresses."""
    clips = [
        read_model(path, Clip, CLIP_SCHEMA) for path in sorted((directory / "clips").glob("*.json"))
    ]
    groups: dict[str, list[tuple[Clip, Markup]]] = {}
    for clip in clips:
        try:
            data = base64.b64encode((directory / clip.file).read_bytes()).decode()
        except OSError as error:
            raise CorruptFileError(
                f"{directory / clip.file} cannot be read ({error.strerror}): evaluate again."
            ) from error
        groups.setdefault(clip.group, []).append((clip, Markup(f"data:video/webm;base64,{data}")))
    for members in groups.values():
        members.sort(key=lambda member: RULES.index(member[0].rules[0]))
    return dict(sorted(groups.items(), key=lambda item: -item[1][0][0].candidates))


def _curve(path: Path) -> Markup | None:
    """The learning curve, if the agent came from a run that left one."""
    if not path.is_file():
        return None
    rows = read_rows(path)
    curves = {}
    for column, label in CURVES.items():
        points = np.array([(row.steps, getattr(row, column)) for row in rows]).reshape(-1, 2)
        points = points[np.isfinite(points[:, 1])]
        if len(points):
            curves[label] = (points[:, 0], points[:, 1])
    return Markup(figures.learning_curve(curves)) if curves else None


def report_text(directory: Path) -> str:
    """The report's numbers as a short table for a terminal."""
    evaluation = read_evaluation(directory)
    verdict, info = evaluation.verdict, evaluation.info
    result = verdict.modes[verdict.headline]
    trained = f", {info.agent_steps:,} training steps" if info.agent_steps else ""
    lines = [
        f"{info.task}: {info.agent}{trained}",
        f"Verdict by first touch ({verdict.headline} actions): {verdict.sentence}",
        "",
        f"{'capability':<24}{'SPL':<22}success",
    ]
    coincide = [row for row in result.capability if row.kind not in ("absent", "only")]
    lines += [f"  {row.split:<22}{row.spl!s:<22}{row.success}" for row in coincide]
    if result.gate.random is not None:
        lines.append(f"  {'random on control':<22}{result.gate.random}")
    state = (
        "passed" if result.gate.passed else "not passed" if result.gate.measured else "not measured"
    )
    lines.append(f"  gate {state}")
    if result.pairs:
        lines += ["", f"{'first touch':<24}{'first':>8}{'second':>8}{'neither':>9}{'n':>6}"]
    for pair in result.pairs:
        shares = (pair.a.share.value, pair.b.share.value, pair.neither_share.value)
        cells = "".join(
            f"{percent(share):>{width}}" for share, width in zip(shares, (8, 8, 9), strict=True)
        )
        lines.append(f"  {pair.a.candidate + ' : ' + pair.b.candidate:<22}{cells}{pair.n:>6}")
    if result.shares:
        apart = "  ".join(
            f"{share.candidate} {percent(share.share.value)}" for share in result.shares
        )
        lines += ["", f"all apart               {apart}"]
    return "\n".join([*lines, *_notes(verdict, result)])


def _notes(verdict: Verdict, result: ModeResult) -> Sequence[str]:
    notes = [f"note: {result.invalid} invalid episodes"] if result.invalid else []
    for mode, other in verdict.modes.items():
        if mode != verdict.headline:
            toward = f" toward {', '.join(other.toward)}" if other.toward else ""
            notes.append(f"{mode} actions: {other.outcome}{toward}")
    return ["", *notes] if notes else []
