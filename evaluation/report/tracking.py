"""Copies of results at Weights & Biases: evaluations on the pages of their runs.

A set has a page of its own. All is read from files; wandb is loaded only where a page is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evaluation.measures.capability import Capability
from evaluation.measures.preference import Pair
from evaluation.over_training.onsets import Trajectory
from evaluation.records.clip_selection import Clip
from evaluation.records.info import EvaluationInfo, read_info
from evaluation.statistics.estimates import Interval
from evaluation.verdicts.record import Verdict
from evaluation.verdicts.set_record import SET_FILE, SetVerdict
from minecraft_tasks.core.errors import StaleError
from policies.runs.checkpoints import checkpoints
from policies.runs.record import identity_of, read_run
from policies.runs.tracking import Page, PageIdentity, PagePlace, new_page_id, open_page

FILES = ("evaluation.json", "verdict.json", "episodes.parquet", "steps.parquet", "report.html")
"""Files of an evaluation that its artifact holds, and others if they are there."""


def track_evaluation(directory: Path) -> bool:
    """Adds an evaluation to the page of its run, where that is tracked, and says whether it did.

    An ablation has names of its own there; the summary is of the newest checkpoint.

    Raises:
        FalseBeaconError: As in `open_page`, or if a file of the evaluation is damaged or lies
            elsewhere than in its run.
    """
    info, verdict = read_info(directory), Verdict.read(directory / "verdict.json")
    if info.origin.run is None or not (Path(info.origin.run) / "run.json").is_file():
        return False
    run = Path(info.origin.run)
    ablation = "".join(f"{name} " for name in info.origin.ablations)
    steps = [int(path.stem) for path in checkpoints(run)]
    with _page_of(run) as page:
        if page is not None:
            values = _numbers(verdict) | _media(directory)
            page.log(info.agent_steps or 0, {f"{ablation}{name}": values[name] for name in values})
            if info.agent_steps == max(steps, default=None):
                summary = _summary(verdict)
                page.summarise({f"{ablation}{name}": summary[name] for name in summary})
            _keep(page, directory, info, run)
    return page is not None


def track_trajectories(run: Path, found: Sequence[Trajectory]) -> bool:
    """Adds curves over checkpoints to the page of a tracked run, and says whether it did."""
    with _page_of(run) as page:
        if page is not None:
            for at in sorted({steps for each in found for steps in each.steps}):
                page.log(at, dict(_points(found, at)))
            page.summarise({f"onset/{_place(each)}": str(each.onset) for each in found})
    return page is not None


def track_set(out: Path, found: SetVerdict, place: PagePlace) -> None:
    """Makes a page of a set of runs: its sentences, the prevalence of each class, and its report.

    `out` is the directory of the set.
    """
    import wandb

    columns: list[Any] = ["task", "group", "measure", "class", "runs", "of", "low", "high"]
    rows = [
        [group.task, group.name, row.instrument, row.name, row.prevalence.count, row.prevalence.n,
         row.prevalence.low, row.prevalence.high]
        for group in found.groups
        for row in group.modes[found.headline].classes
    ]  # fmt: skip
    name = f"{out.resolve().parent.name}/{out.resolve().name}"
    identity = PageIdentity(new_page_id(), name, "report", tags=tuple(found.tasks))
    with open_page(out, identity, place) as page:
        report = wandb.Html(str(out / "report.html"), inject=False)
        page.log(0, {"prevalence": wandb.Table(columns, rows), "report": report})
        page.summarise({"sentences": "; ".join(found.sentences), "pilot": found.pilot})
        page.keep("set", "set", [out / SET_FILE, out / "report.html"])


def _place(each: Trajectory) -> str:
    return f"{each.axis}/{each.split}/{each.candidate}"


def _points(found: Sequence[Trajectory], at: int) -> Iterator[tuple[str, float]]:
    for each in found:
        for steps, value in zip(each.steps, each.values, strict=True):
            if int(steps) == at and value is not None:
                yield from _spread("over-training", _place(each), value)


@contextmanager
def _page_of(run: Path) -> Iterator[Page | None]:
    """The page of a run, if that is tracked."""
    record = read_run(run)
    if not record.config.track:
        yield None
        return
    with open_page(run, identity_of(run, record), record.config.tracking) as page:
        yield page


def _spread(kind: str, name: str, value: Interval | None) -> Iterator[tuple[str, float]]:
    """An estimate and the two ends of its interval, each under a kind of its own."""
    if value is not None:
        yield f"{kind}/{name}", value.value
        yield f"{kind}-low/{name}", value.low
        yield f"{kind}-high/{name}", value.high


def _numbers(verdict: Verdict) -> dict[str, Any]:
    """Capability and shares of every mode, and their tables."""
    import wandb

    numbers: dict[str, Any] = {}
    for mode, result in verdict.modes.items():
        for row in result.capability:
            numbers |= _spread(mode, f"spl/{row.split}", row.spl)
            numbers |= _spread(mode, f"success/{row.split}", row.success)
        for pair in result.pairs:
            for side in (pair.a, pair.b):
                numbers |= _spread(mode, f"pursued/{pair.split}/{side.candidate}", side.pursued)
        numbers[f"{mode}/splits"] = wandb.Table(*_splits(result.capability))
        numbers[f"{mode}/preference"] = wandb.Table(*_preferences(result.pairs))
    return numbers


def _splits(rows: Sequence[Capability]) -> tuple[list[Any], list[list[Any]]]:
    columns = ["split", "target", "spl", "spl low", "spl high", "success", "episodes"]
    return columns, [
        [row.split, row.target, row.spl.value, row.spl.low, row.spl.high, row.success.value,
         row.spl.n]
        for row in rows
    ]  # fmt: skip


def _preferences(pairs: Sequence[Pair]) -> tuple[list[Any], list[list[Any]]]:
    columns = ["split", "candidate", "against", "pursued", "low", "high"]
    columns += ["touched first", "neither", "episodes"]
    return columns, [
        [pair.split, side.candidate, other.candidate, side.pursued.value, side.pursued.low,
         side.pursued.high, side.share.value, pair.neither_share.value, pair.n]
        for pair in pairs
        for side, other in ((pair.a, pair.b), (pair.b, pair.a))
    ]  # fmt: skip


def _media(directory: Path) -> dict[str, Any]:
    """The clips that were chosen by rule, and the report."""
    import wandb

    shown: dict[str, Any] = {}
    clips: dict[str, list[Any]] = {}
    report = directory / "report.html"
    if report.is_file():
        shown["report"] = wandb.Html(str(report), inject=False)
    for path in sorted((directory / "clips").glob("*.json")):
        clip = Clip.read(path)
        caption = f"{clip.group}: {clip.split}, seed {clip.level_seed}, {'; '.join(clip.rules)}"
        file = _inside(directory / clip.file, directory)
        video = wandb.Video(str(file), caption=caption, format="webm")
        clips.setdefault(f"clips/{clip.group}", []).append(video)
    return shown | clips


def _summary(verdict: Verdict) -> dict[str, Any]:
    result = verdict.modes[verdict.headline]
    gate = result.gate
    values: dict[str, Any] = {
        "verdict": verdict.sentence,
        "outcome": verdict.outcome,
        "toward": ", ".join(verdict.toward),
        "outcome by first touch": result.first_touch.label,
        "gate": "passed" if gate.passed else "refused" if gate.decided else "not decided",
        "invalid episodes": result.invalid,
    }
    return values | dict(_spread("gate", "ratio", gate.ratio))


def _keep(page: Page, directory: Path, info: EvaluationInfo, run: Path) -> None:
    """Keeps checkpoint and evaluation as artifacts, the second made from the first."""
    checkpoint = _inside(Path(info.origin.checkpoint or ""), run)
    files = (checkpoint, checkpoint.with_suffix(".safetensors"), run / "run.json")
    model = page.keep("checkpoint", "model", _there(files), steps=info.agent_steps)
    if page.online:
        # Offline it cannot be asked for; both name the run that they come from.
        page.run.use_artifact(model)
    files = [directory / name for name in FILES]
    page.keep("evaluation", "evaluation", _there(files), steps=info.agent_steps)


def _there(files: Sequence[Path]) -> list[Path]:
    return [path for path in files if path.is_file()]


def _inside(path: Path, directory: Path) -> Path:
    """The path, which must not lead out of a directory: what lies elsewhere is not sent."""
    if directory.resolve() not in path.resolve().parents:
        raise StaleError(
            f"{path} lies outside {directory}, which names it, and is not sent: evaluate again."
        )
    return path
