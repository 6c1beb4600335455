"""The page of a set of runs: groups and controls side by side, every seed shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from evaluation.report import set_figures
from evaluation.report.run_page import write_report
from evaluation.statistics.across_runs import PILOT
from evaluation.statistics.estimates import percent
from evaluation.style.page import render_page
from evaluation.style.palette import candidate_colours
from evaluation.verdicts.judged_runs import in_groups, read_judged
from evaluation.verdicts.pooling import judge_set
from evaluation.verdicts.set_record import SET_FILE, Group, SetVerdict
from minecraft_tasks.core.files import require_own, write_text
from minecraft_tasks.spec import Mode, TaskSpec

SET_PAGE = "report.html"


def write_set(
    directories: Sequence[Path], out: Path, groups: Mapping[str, Sequence[Path]] | None = None
) -> SetVerdict:
    """Judges a set of evaluations and writes `set.json` and its page.

    Runs without a page get one, so that every link leads somewhere. `groups` names groups of
    agents that come from no run, as in `in_groups`.

    Raises:
        FalseBeaconError: If the runs cannot be judged together, or `out` holds
            something else than a set.
    """
    require_own(out, SET_FILE, "set of runs")
    runs = in_groups([read_judged(directory) for directory in directories], groups or {})
    found = judge_set(runs, out)
    for directory in directories:
        if not (directory / SET_PAGE).is_file():
            write_report(directory)
    found.write(out / SET_FILE)
    write_text(out / SET_PAGE, set_html(found, {run.info.task: run.info.spec for run in runs}))
    return found


def read_set(directory: Path) -> SetVerdict:
    """Reads `set.json`; raises as `VersionedRecord.read`."""
    return SetVerdict.read(directory / SET_FILE)


def set_html(found: SetVerdict, specs: dict[str, TaskSpec]) -> str:
    """The page; it needs no network, and links to the pages of the runs."""
    groups = {name: [group for group in found.groups if group.task == name] for name in found.tasks}
    modes = tuple(found.groups[0].modes)
    return render_page(
        "set.html.j2",
        found=found,
        specs=specs,
        groups=groups,
        modes=modes,
        known={name: _instruments(members) for name, members in groups.items()},
        apart={
            name: any(group.modes[found.headline].shares for group in members)
            for name, members in groups.items()
        },
        pilot=PILOT,
        page=SET_PAGE,
        colours={name: candidate_colours(spec.candidate_names) for name, spec in specs.items()},
        drawn={
            name: {mode: _figures(members, specs[name], mode) for mode in modes}
            for name, members in groups.items()
        },
    )


def _instruments(groups: Sequence[Group]) -> list[str]:
    """Names of the measures that put a run into a class."""
    rows = [row for group in groups for mode in group.modes.values() for row in mode.classes]
    return list(dict.fromkeys(row.instrument for row in rows))


def _figures(groups: Sequence[Group], spec: TaskSpec, mode: Mode) -> dict[str, list[Markup]]:
    colours = candidate_colours(spec.candidate_names)
    splits = set_figures.capability_splits([group.modes[mode] for group in groups], spec)
    drawn: dict[str, list[Markup]] = {"conflicts": [], "capability": []}
    for row in set_figures.in_rows(groups):
        if any(group.modes[mode].pairs for group in row):
            drawn["conflicts"].append(Markup(set_figures.conflict_dots(row, mode, colours)))
        if splits:
            drawn["capability"].append(Markup(set_figures.capability_dots(row, mode, splits)))
    return drawn


def set_text(found: SetVerdict) -> str:
    """The set's numbers for a terminal."""
    lines = ["; ".join(f"{name} ({digest})" for name, digest in found.tasks.items())]
    if found.trained():
        lines += [f"{'Pilot: ' if found.pilot else ''}{line}" for line in found.sentences]
    lines += found.controls
    for group in found.groups:
        lines += ["", f"{group.task}, {group.name} ({len(group.seeds)} judged)"]
        mode = group.modes[found.headline]
        for row in mode.classes:
            named = f"{row.name} (by {row.instrument})"
            found_in = f"  {named:<58}{row.prevalence.count:>3} of {row.prevalence.n:<4}"
            exact = f"{percent(row.prevalence.low)} to {percent(row.prevalence.high)}"
            lines.append(found_in + ("" if group.kind == "other" else exact))
        for pair in mode.pairs:
            pursued = f"pursued {pair.pursued_a!s:<20}{pair.pursued_b!s:<20}"
            first = f"first {pair.first_a.value:.2f} {pair.first_b.value:.2f}"
            sides = f"{pair.a} : {pair.b}"
            lines.append(f"  {sides:<18}{pursued}{first} neither {pair.neither.value:.2f}")
    lines.append("")
    for hypothesis in found.hypotheses:
        state = "" if hypothesis.addressed else " (not addressed)"
        lines += [f"{hypothesis.name}{state}: {hypothesis.statement}"]
        lines += [f"  {line}" for line in hypothesis.evidence]
    return "\n".join(lines)
