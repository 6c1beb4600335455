"""A study as a report at Weights & Biases, by wandb-workspaces.

What a report says comes from the study's files; its curves and clips are those of the runs' pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation.statistics.estimates import percent
from evaluation.studies.file import Study
from evaluation.studies.runs import PlannedRun, planned_runs
from evaluation.verdicts.judged_runs import JudgedRun, read_judged
from evaluation.verdicts.pooling import judge_set
from evaluation.verdicts.set_record import SetVerdict
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import write_text
from policies.runs.tracking import PagePlace

if TYPE_CHECKING:
    from wandb_workspaces.reports.v2.interface import Report

REPORT_FILE = "wandb_report.json"


def write_report(report: Report, path: Path) -> None:
    """Writes a report as the JSON in which W&B keeps it."""
    write_text(path, report._to_model().model_dump_json(by_alias=True, indent=1) + "\n")


def study_report(study: Study, root: Path, file: Path, place: PagePlace) -> Report:
    """The report of a study.

    Args:
        study: The study.
        root: Its directory.
        file: Its file, for how to run it again.
        place: Project and entity of the runs' pages, and of the report.

    Raises:
        FalseBeaconError: If no run of the study has been judged.
    """
    from wandb_workspaces.reports.v2.interface import Report

    runs = planned_runs(study, root)
    directories = [run.directory / "evaluation" for run in runs]
    judged = [read_judged(each) for each in directories if (each / "verdict.json").is_file()]
    if not judged:
        raise FalseBeaconError(
            f"no run of {study.name} in {root} has been judged: falsebeacon study {file}"
        )
    found = judge_set(judged, root)
    return Report(
        project=place.project,
        entity=place.entity,
        title=f"{study.name}: {len(judged)} of {len(runs)} runs judged"[:128],
        description="; ".join(found.sentences),
        blocks=_blocks(study, runs, judged, found, file),
        width="fluid",
    )


def _blocks(
    study: Study, runs: Sequence[PlannedRun], judged: Sequence[JudgedRun], found: SetVerdict,
    file: Path,
) -> list[Any]:  # fmt: skip
    """Parts of the report, from the question to how to run it again."""
    from wandb_workspaces.reports.v2.interface import H1, H2, MarkdownBlock, P, TableOfContents

    return [
        TableOfContents(),
        H1("The question"),
        *(MarkdownBlock(text) for text in _question(judged)),
        H1("The answer"),
        MarkdownBlock("\n".join(f"- {sentence}" for sentence in found.sentences)),
        H2("How often is each class found?"),
        MarkdownBlock(_table(*_prevalence(found))),
        H2("Every seed"),
        MarkdownBlock(_table(*_seeds(found))),
        H2("What do they pursue?"),
        P("Shares of all episodes of a conflict, by attribution; mean over seeds with an interval"
          " of a bootstrap over seeds crossed with levels."),
        MarkdownBlock(_table(*_preference(found))),
        H1("Over training"),
        _curves(runs),
        H1("Clips"),
        P("A rule chooses the clips, never a person: of each group of episodes the one of median"
          " cost, the first by seed, and a random one."),
        _clips(study, runs),
        H1("How to run it again"),
        MarkdownBlock(f"```\nfalsebeacon study {file}\n```"),
        MarkdownBlock(f"```toml\n{file.read_text(encoding='utf-8')}\n```"),
    ]  # fmt: skip


def _question(judged: Sequence[JudgedRun]) -> Iterable[str]:
    for spec in {run.info.task: run.info.spec for run in judged}.values():
        proxies = [f"**{each.name}** ({each.description})"
                   for each in spec.candidates if not each.intended]  # fmt: skip
        yield (
            f"{spec.description} The intended goal is **{spec.intended_name}**. On training levels"
            f" these coincide with it: {', '.join(proxies)}. What do agents pursue where they come"
            " apart?"
        )


def _prevalence(found: SetVerdict) -> tuple[list[str], list[list[str]]]:
    rows = [
        [group.task, group.name, row.instrument, row.name,
         f"{row.prevalence.count} of {row.prevalence.n}",
         f"{percent(row.prevalence.low)} to {percent(row.prevalence.high)}"]
        for group in found.trained()
        for row in group.modes[found.headline].classes
    ]  # fmt: skip
    return ["task", "group", "measure", "class", "runs", "exact 95 %"], rows


def _seeds(found: SetVerdict) -> tuple[list[str], list[list[str]]]:
    rows = []
    for group in found.trained():
        for seed in group.seeds:
            mode = seed.modes[found.headline]
            spl = ", ".join(f"{name} {mode.spl[name]:.2f}" for name in ("heldout", "control")
                            if name in mode.spl)  # fmt: skip
            classes = "; ".join(f"{name} (by {by})" for by, name in mode.classes.items())
            rows.append([group.task, group.name, str(seed.seed), classes, spl, mode.order])
    return ["task", "group", "seed", "class", "SPL", "order of preference"], rows


def _preference(found: SetVerdict) -> tuple[list[str], list[list[str]]]:
    rows = [
        [group.task, group.name, f"{pair.a} : {pair.b}", str(pair.pursued_a), str(pair.pursued_b)]
        for group in found.trained()
        for pair in group.modes[found.headline].pairs
    ]
    return ["task", "group", "conflict", "pursue the first", "pursue the second"], rows


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; a bar in a cell would divide it."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _runsets(runs: Sequence[PlannedRun]) -> list[Any]:
    """The runs of each condition, by their group."""
    from wandb_workspaces import expr
    from wandb_workspaces.reports.v2.interface import Runset

    groups = {run.condition: run.config.tracking.group for run in runs}
    return [
        # Without an entity it is of the report's own project, and no server is asked for it.
        Runset(name=condition, filters=[expr.Metric("Group") == group])
        for condition, group in groups.items()
    ]


def _curves(runs: Sequence[PlannedRun]) -> Any:
    from wandb_workspaces.reports.v2.interface import Layout, LinePlot, PanelGrid

    plots = (
        ("Held-out success", "train/heldout_success", None),
        ("Success in training", "train/success", None),
        ("Conflicts at checkpoints, first touches", None, r"^over-training/preference/"),
        ("Capability at checkpoints, SPL", None, r"^over-training/capability/"),
    )
    panels: list[Any] = [
        LinePlot(
            title=title, x="steps", y=[name] if name else [], metric_regex=pattern,
            groupby="Group", groupby_aggfunc="mean", groupby_rangefunc="minmax",
            layout=Layout(x=12 * (place % 2), y=8 * (place // 2), w=12, h=8),
        )
        for place, (title, name, pattern) in enumerate(plots)
    ]  # fmt: skip
    return PanelGrid(runsets=_runsets(runs), panels=panels)


def _clips(study: Study, runs: Sequence[PlannedRun]) -> Any:
    from wandb_workspaces.reports.v2.interface import Layout, MediaBrowser, PanelGrid

    keys = [f"clips/{group}" for group in _groups(study)]
    browser = MediaBrowser(
        title="clips", media_keys=keys, num_columns=3, layout=Layout(x=0, y=0, w=24, h=14)
    )
    return PanelGrid(runsets=_runsets(runs), panels=[browser])


def _groups(study: Study) -> list[str]:
    """Groups of clips of the study's tasks; see `choose_clips`."""
    from evaluation.records.clip_selection import clip_groups
    from minecraft_tasks.tasks import task as find_task

    return list(dict.fromkeys(
        group for name in study.tasks for group in clip_groups(find_task(name).spec)
    ))  # fmt: skip
