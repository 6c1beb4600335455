"""Shows a study: one live table in a terminal, one line per change elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from evaluation.studies.driver import TrackedRun, View
from evaluation.studies.file import Study
from minecraft_tasks.core.files import write_csv

_COLOURS = {"running": "cyan", "judged": "green", "trained": "green", "failed": "red"}
_WORDS = ("task", "condition", "state", "verdict")
_ENDED = ("waiting", "failed")
_FRAME_ROWS = 7
"""Lines of the terminal that are not runs: frame, heads, caption."""


def _state(each: TrackedRun) -> str:
    """The state of a run, with its failures if there were any."""
    count = f"failed {len(each.errors)} of {each.run.study.retries + 1}" if each.errors else ""
    return count if each.state == "failed" else ", ".join(filter(None, (each.state, count)))


def _verdict(each: TrackedRun, plus: str = " + ") -> tuple[str, str]:
    """Outcome of a run and its targets; empty where it was not judged."""
    verdict = each.verdict
    return (verdict.outcome, plus.join(verdict.toward)) if verdict else ("", "")


def _known(value: float, form: str = ".2f") -> str:
    return format(value, form) if value == value else ""


def _time(steps: int, rate: float) -> str:
    """The time that so many steps take, roughly; empty where the speed is unknown."""
    if not rate > 0:
        return ""
    minutes = steps / rate / 60
    return f"{minutes / 60:.1f} h" if minutes >= 90 else f"{minutes:.0f} min"


def caption(runs: Sequence[TrackedRun], jobs: int) -> str:
    """Counts of runs by state, and the training time that is left at the mean speed."""
    counts = Counter(each.state for each in runs)
    names = ("judged", "trained", "running", "waiting", "failed")
    text = ", ".join(f"{counts[name]} {name}" for name in names if counts[name])
    rates = [each.row.steps_per_second for each in runs if each.row.steps_per_second > 0]
    left = [each.steps_left for each in runs if each.state in ("waiting", "running")]
    if rates and left:
        rate = sum(rates) / len(rates) * min(jobs, len(left))
        return f"{text} of {len(runs)}; {_time(sum(left), rate)} of training left"
    return f"{text} of {len(runs)}"


def shown(runs: Sequence[TrackedRun], most: int) -> list[TrackedRun]:
    """At most so many runs, in their order: those at work and in trouble rather than the rest."""
    rank = ("running", "failed", "waiting", "trained", "judged").index
    picked = sorted(range(len(runs)), key=lambda row: (rank(runs[row].state), row))
    return [runs[row] for row in sorted(picked[: max(most, 1)])]


def _cells(each: TrackedRun) -> dict[str, str]:
    """A row of the table by its heads; empty where nothing is known."""
    run, row = each.run, each.row
    trains = each.state == "running" and each.steps_left > 0
    return {
        "task": run.task,
        "condition": run.condition,
        "seed": str(run.seed),
        "state": _state(each) if trains else _state(each).replace("running", "judging", 1),
        "steps": f"{row.steps:,}",
        "of": f"{run.config.steps:,}",
        "steps/s": _known(row.steps_per_second, ",.0f") if trains else "",
        "success": _known(row.success),
        "held-out": _known(row.heldout_success),
        "left": _time(each.steps_left, row.steps_per_second) if trains else "",
        "verdict": " ".join(_verdict(each)).strip(),
    }


def table(name: str, runs: Sequence[TrackedRun], jobs: int, rows: int) -> Table:
    """The runs of a study, at most so many rows."""
    hidden = f" ({len(runs) - rows} not shown)" if len(runs) > rows else ""
    drawn = Table(title=name, caption=caption(runs, jobs) + hidden, title_justify="left")
    picked = shown(runs, rows)
    lines = [_cells(each) for each in picked]
    # A terminal of 80 columns is narrow: no room goes to what is known of no run.
    kept = [head for head in lines[0] if any(line[head] for line in lines)]
    for head in kept:
        drawn.add_column(head, justify="left" if head in _WORDS else "right")
    for each, line in zip(picked, lines, strict=True):
        drawn.add_row(*(line[head] for head in kept), style=_COLOURS.get(each.state, ""))
    return drawn


@contextmanager
def show_runs(name: str, jobs: int, console: Console) -> Iterator[View]:
    """Gives a view of the runs of a study."""
    if not console.is_terminal:
        yield _change_lines(console)
        return
    with Live(console=console, auto_refresh=False) as live:
        rows = console.height - _FRAME_ROWS
        yield lambda runs: live.update(table(name, runs, jobs, rows), refresh=True)


def _change_lines(console: Console) -> View:
    """Prints a line whenever a run changes its state."""
    printed: dict[str, str] = {}

    def update(runs: Sequence[TrackedRun]) -> None:
        for each in runs:
            cells, state = _cells(each), _state(each)
            if printed.get(each.run.title, "waiting") != state:
                printed[each.run.title] = state
                heldout = cells["held-out"] and f"held-out {cells['held-out']}"
                error = each.errors[-1] if each.errors and each.state in _ENDED else ""
                parts = (state, f"{cells['steps']} of {cells['of']} steps", heldout)
                text = ", ".join(filter(None, (*parts, cells["verdict"], error)))
                print(f"{each.run.title}: {text}", file=console.file, flush=True)

    return update


def write_summary(path: Path, study: Study, runs: Sequence[TrackedRun]) -> None:
    """Writes study.csv: one row per run, with every option that the study sets."""
    options = study.varied()
    first = ("task", "condition", "seed", *options, "state", "failures", "trained_steps")
    last = ("success", "heldout_success", "outcome", "toward", "directory", "error")
    rows: list[Sequence[object]] = [(*first, *last)]
    for each in runs:
        run, curve = each.run, (each.row.success, each.row.heldout_success)
        row = [run.task, run.condition, run.seed]
        row += [getattr(run.config, option) for option in options]
        row += [each.state, len(each.errors), each.row.steps]
        row += [value if value == value else "" for value in curve]
        row += [*_verdict(each, "+"), run.directory]
        rows.append([*row, each.errors[-1] if each.state == "failed" else ""])
    write_csv(path, rows)
