"""Figures of a set of runs: every training seed is drawn, the interval beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from evaluation.statistics.across_runs import Pooled
from evaluation.style.palette import BLUE
from evaluation.style.svg import FAINT, INK, canvas, to_svg
from evaluation.verdicts.set_record import Group, GroupMode
from minecraft_tasks.spec import Mode, TaskSpec

_PANEL = 2.5
"""Inches of the panel of one group."""

_HEAD = 34
"""Characters of a group's name that fit above its panel."""
ABREAST = 3
"""Groups beside each other in one figure."""


def in_rows(groups: Sequence[Group]) -> Iterator[Sequence[Group]]:
    """Rows of at most `ABREAST` groups."""
    for start in range(0, len(groups), ABREAST):
        yield groups[start : start + ABREAST]


def conflict_dots(groups: Sequence[Group], mode: Mode, colours: Mapping[str, str]) -> str:
    """Dots of first touches by conflict and group: one for each seed and side, and the mean."""
    pairs = _in_order([[pair.split for pair in group.modes[mode].pairs] for group in groups])
    names = {pair.split: (pair.a, pair.b) for group in groups for pair in group.modes[mode].pairs}
    labels = [" : ".join(names[split]) for split in pairs]
    with canvas(*_size(groups, 0.42 * len(pairs))) as figure:
        for axes, group in _panels(figure, groups, labels):
            for pair in group.modes[mode].pairs:
                y = pairs.index(pair.split)
                every = [seed.modes[mode].conflicts.get(pair.split) for seed in group.seeds]
                own = [one for one in every if one is not None]
                _dots(axes, y - 0.17, [one.a for one in own], pair.first_a, colours[pair.a])
                _dots(axes, y + 0.17, [one.b for one in own], pair.first_b, colours[pair.b])
            axes.axvline(0.5, color=INK, lw=0.8, ls=":")
            axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
        return to_svg(figure, _title("Conflicts", groups, mode))


def capability_dots(groups: Sequence[Group], mode: Mode, splits: Sequence[str]) -> str:
    """Dots of SPL by split: one for each seed, and the interquartile mean with its interval."""
    with canvas(*_size(groups, 0.34 * len(splits))) as figure:
        for axes, group in _panels(figure, groups, splits):
            rows = {row.split: row for row in group.modes[mode].capability}
            for y, split in enumerate(splits):
                if split in rows:
                    own = [seed.modes[mode].spl.get(split) for seed in group.seeds]
                    values = [value for value in own if value is not None]
                    _dots(axes, y, values, rows[split].iqm, BLUE)
            axes.set_xlabel("SPL")
        return to_svg(figure, _title("Capability", groups, mode))


def capability_splits(modes: Sequence[GroupMode], spec: TaskSpec) -> list[str]:
    """Capability splits, in the order of the task."""
    splits = _in_order([[row.split for row in mode.capability] for mode in modes])
    return [split for split in splits if not spec.split(split).partial]


def _in_order(lists: Sequence[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(name for names in lists for name in names))


def _size(groups: Sequence[Group], height: float) -> tuple[float, float]:
    lines = max(_head(group).count("\n") for group in groups)
    return 1.3 + _PANEL * len(groups), height + 0.95 + 0.15 * lines


def _head(group: Group) -> str:
    """Name and size of a group, on as many lines as fit above its panel."""
    seeds = "1 run" if len(group.seeds) == 1 else f"{len(group.seeds)} seeds"
    return f"{textwrap.fill(group.name, _HEAD)}\n{seeds}"


def _panels(
    figure: Figure, groups: Sequence[Group], labels: Sequence[str]
) -> Iterator[tuple[Axes, Group]]:
    """One panel for each group, all with the same rows, the first at the top, from 0 to 1."""
    drawn = figure.subplots(1, len(groups), sharey=True, squeeze=False)[0]
    for axes, group in zip(drawn, groups, strict=True):
        axes.set_title(_head(group), fontsize=9)
        axes.set(xlim=(-0.03, 1.03), ylim=(len(labels) - 0.5, -0.5))
        axes.set_yticks(range(len(labels)), labels)
        axes.set_xticks([0, 0.5, 1])
        axes.tick_params(axis="y", length=0, pad=8)
        for y in range(len(labels) - 1):
            axes.axhline(y + 0.5, color=FAINT, lw=0.4)
        yield axes, group


def _dots(
    axes: Axes, y: float, values: Sequence[float], pooled: Pooled | None, colour: str
) -> None:
    """Draws each seed as a ring, and the estimate as a bar through its interval."""
    if pooled is not None:
        axes.plot([pooled.low, pooled.high], [y, y], color=INK, lw=1.2, solid_capstyle="butt")
        axes.plot([pooled.value] * 2, [y - 0.12, y + 0.12], color=INK, lw=2.0)
    axes.plot(values, [y] * len(values), "o", ms=6, mfc="none", mec=colour, mew=1.6, clip_on=False)


def _title(what: str, groups: Sequence[Group], mode: Mode) -> str:
    return f"{what} of {', '.join(group.name for group in groups)} with {mode} actions"
