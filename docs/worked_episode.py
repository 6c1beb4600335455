"""The worked episode of docs/detector.md: one real episode, its picture and its numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from evaluation.attribution.classes import class_names
from evaluation.attribution.episodes import played_of
from evaluation.attribution.likelihoods import LAPSE
from evaluation.attribution.posterior import Fitted, attribute, fits, hypothesis_classes
from evaluation.calibration.file import read_calibration
from evaluation.pictures.maps import cropped_terrain, extent, sun_side
from evaluation.rollouts.rollout import rollout
from evaluation.style.palette import GREY, candidate_colours
from evaluation.style.svg import canvas
from minecraft_tasks.core.files import atomic_write
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.navigation.replay import replay_episodes
from minecraft_tasks.tasks import task
from policies.agents.loading import load_agent

TASK, SPLIT = "BeaconShrine", "conflict/altar-beacon"
AGENT = "oracle:beacon,or=altar,share=0.7,noise=0.1,search=turn"
"""Pursues the beacon in 7 episodes of 10 and the altar in the others, turns on the spot to search,
and takes a random action in a tenth of its decisions."""
LEVEL_SEED = 15
"""An episode for the altar, the agent's rarer target, with a random action on the way."""

_SCALE, _MOVED = 24, 0.05
"""Pixels per block of the map; blocks below which a decision is a turn."""
_MUTED = "#5c6166"
_HALO = [withStroke(linewidth=2.4, foreground="white")]
_NAME: dict[str, Any] = {"ha": "center", "weight": "bold", "path_effects": _HALO}


class WorkedEpisode(NamedTuple):
    """One attributed episode of D decisions, up to the first touch; C candidates.

    Attributes:
        names: The C candidates.
        actions: Name of each decision's action.
        shown: bool[D, C] whether the frame before the decision showed the candidate.
        cost: float64[D + 1, C] decisions still needed at the spawn and after each decision.
        chance: float64[D, C] probability of the action under soft-optimal pursuit.
        posterior: Candidates, ``mixed`` and all devices together -> float64[D + 1], before the
            first decision and after each.
        path: float64[D + 1, 2] x and z in blocks, the spawn first.
        beta: Inverse temperature that was fitted to the agent.
        label: Class of the episode.
        first: Candidate touched first.
    """

    names: tuple[str, ...]
    actions: tuple[str, ...]
    shown: np.ndarray
    cost: np.ndarray
    chance: np.ndarray
    posterior: dict[str, np.ndarray]
    path: np.ndarray
    beta: float
    label: str
    first: str


def work_episode(picture: Path) -> str:
    """Plays the agent on the split's levels, draws one episode, and returns its table."""
    bank = locked_bank(task(TASK), [SPLIT])
    row = int(np.flatnonzero(bank.seeds == LEVEL_SEED)[0])
    found = _attributed(bank, row)
    _draw(found, bank, row, picture)
    return _page(found, bank, row)


def _attributed(bank: LevelBank, row: int) -> WorkedEpisode:
    of, rows = task(TASK), np.arange(len(bank))
    records = rollout(load_agent(AGENT, of), of, bank, "sampled", seed=0)
    played = played_of(records, rows, rows)
    (fitted,) = fits(of.spec, bank, [played])
    thresholds = read_calibration(of).thresholds
    found = attribute(of.spec, bank, played, fitted, thresholds)
    begin, end = fitted.played.begins[row : row + 2]
    evidence, action = fitted.evidence, fitted.played.action[begin:end]
    known = [of.spec.candidate(name) for name in of.spec.split(SPLIT).present]
    trace = replay_episodes(of.spec, bank, np.array([row]), np.array([0, end - begin]), action)
    habit = evidence.habit[begin:end, None]
    soft = np.exp(habit - found.beta * evidence.extra[begin:end, known].astype(float))
    soft /= soft.sum(axis=2, keepdims=True)
    taken, done = np.arange(end - begin), action[:, None]
    after = found.so_far[played.begins[row] :][: end - begin]
    every = np.vstack([_prior(fitted, thresholds.least_beta), after])
    names = tuple(of.spec.candidate_names[index] for index in known)
    posterior = {name: every[:, found.names.index(name)] for name in (*names, "mixed")}
    nothing = every[:, found.names.index("mixed") + 1 :].sum(axis=1)
    return WorkedEpisode(
        names=names,
        actions=tuple(of.spec.actions[index].name for index in action),
        shown=evidence.shown[begin:end, known],
        cost=np.vstack([bank.optimal[row, known], trace.cost[taken[:, None], known, done]]),
        chance=(1 - LAPSE) * soft[taken, :, action] + LAPSE / len(of.spec.actions),
        posterior={**posterior, "no pursuit": nothing},
        path=np.vstack([bank.spawn[row, [0, 2]], trace.position[:, [0, 2]]]),
        beta=found.beta,
        label=str(found.classes[row]),
        first=str(records.episodes["first"][row]),
    )


def _prior(fitted: Fitted, least_beta: float) -> np.ndarray:
    """float64[H]: the weights of the split, added up over the variants of each class."""
    weights = fitted.best(least_beta).weights[SPLIT]
    kinds = hypothesis_classes(fitted.evidence)
    return np.bincount(kinds, weights, len(class_names(fitted.evidence.spec)))


def _draw(found: WorkedEpisode, bank: LevelBank, row: int, picture: Path) -> None:
    colours = candidate_colours(task(TASK).spec.candidate_names)
    with canvas(9.2, 4.6) as figure:
        figure.set_facecolor("white")
        left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=(1.0, 1.15))[0]
        _map(left.add_subplot(), found, bank, row, colours)
        above, below = right.subplots(2, 1, sharex=True, height_ratios=(1.0, 1.25))
        moments = np.arange(len(found.path))
        for name, cost in zip(found.names, found.cost.T, strict=True):
            above.plot(moments, cost, color=colours[name], lw=2, marker="o", ms=3)
            style = {"va": "center", "color": colours[name], "weight": "bold"}
            end = (moments[-1], cost[-1])
            above.annotate(name, end, (6, 0), textcoords="offset points", **style)
        above.set(ylabel="decisions still needed", ylim=(0, None), title="Cost-to-go")
        for name, values in found.posterior.items():
            line = {"ls": "--", "color": GREY if name == "no pursuit" else "black"}
            style = {"color": colours[name], "lw": 2.2} if name in colours else {**line, "lw": 1.4}
            below.plot(moments, values, label=name, **style)
        below.set(ylim=(-0.02, 1.02), ylabel="probability", title="Posterior")
        below.set(xlabel="decisions made", xlim=(0, moments[-1]))
        below.legend(frameon=False, fontsize=9, loc="lower right", bbox_to_anchor=(1.0, 0.08))
        for t in np.flatnonzero(~found.shown.any(axis=1)):
            for axes in (above, below):
                axes.axvspan(float(t), float(t + 1), color="#eeeeee", lw=0, zorder=0)
        above.text(0.4, 1.0, "no candidate in the frame", fontsize=8.5, color=_MUTED)
        for t in _lapses(found):
            highest = max(found.posterior[name][t] for name in found.names)
            below.annotate(
                f"decision {t}", (t, highest), (0, -26), ha="center", textcoords="offset points",
                fontsize=9, arrowprops={"arrowstyle": "-", "lw": 0.8},
            )  # fmt: skip
        with atomic_write(picture) as temporary:
            FigureCanvasAgg(figure)
            figure.savefig(temporary, format="png", dpi=160, facecolor="white")


def _lapses(found: WorkedEpisode) -> np.ndarray:
    """int64[K] decisions, from 1, that pursuit of the candidate touched first does not explain."""
    return 1 + np.flatnonzero(found.chance[:, found.names.index(found.first)] < LAPSE)


def _map(
    axes: Axes, found: WorkedEpisode, bank: LevelBank, row: int, colours: dict[str, str]
) -> None:
    edges = west, east, north, south = extent(bank.blocks[row], bank.sites[row])
    picture = cropped_terrain(bank.blocks[row], edges, _SCALE)
    axes.imshow(picture, extent=(west, east, south, north), interpolation="none", alpha=0.85)
    for name in found.names:
        x0, _, z0, x1, _, z1 = bank.sites[row, task(TASK).spec.candidate(name)]
        line: dict[str, Any] = {"ec": colours[name], "lw": 2.6, "path_effects": _HALO}
        axes.add_patch(Rectangle((x0, z0), x1 - x0, z1 - z0, fill=False, **line))
        axes.text((x0 + x1) / 2, z0 - 0.3, name, va="bottom", fontsize=11, **_NAME)
    axes.plot(*found.path.T, color="#101010", lw=3.4)
    axes.plot(*found.path.T, color=colours[found.first], lw=1.8, marker="o", ms=4, mec="#101010")
    moved = np.abs(np.diff(found.path, axis=0)).max(axis=1, initial=0.0) > _MOVED
    labels = {int(t): f"{t}: lapse" for t in _lapses(found)}
    labels[int(moved.argmax())] = f"spawn, {moved.argmax()} turns"
    for t in range(5, len(found.path), 5):
        if moved[t - 1] and min(abs(t - other) for other in labels) > 1:
            labels[t] = str(t)
    for t, label in labels.items():
        across, down = found.path[t] + (0.45, 0.1)
        axes.text(across, down, label, fontsize=8.5, path_effects=_HALO)
    yaw = np.radians(bank.spawn[row, 3])
    x, z = found.path[0]
    arrow = {"arrowstyle": "-|>", "color": "#101010", "lw": 2}
    axes.annotate("", (x - 1.8 * np.sin(yaw), z + 1.8 * np.cos(yaw)), (x, z), arrowprops=arrow)
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.set_title(f"{SPLIT}, seed {LEVEL_SEED}, sun {sun_side(int(bank.time[row]))}")


def _page(found: WorkedEpisode, bank: LevelBank, row: int) -> str:
    a, b = found.names
    head = (
        "decision", "action", "frame shows", f"to {a}", f"to {b}", f"P(action, {a})",
        f"P(action, {b})", *(f"p({name})" for name in found.posterior),
    )  # fmt: skip
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for t in range(len(found.path)):
        seen = ", ".join(np.array(found.names)[found.shown[t - 1]]) or "neither"
        made = [str(t), found.actions[t - 1], seen] if t else ["spawn", "", ""]
        made += [f"{cost:.1f}" for cost in found.cost[t]]
        made += [f"{chance:.3f}" for chance in found.chance[t - 1]] if t else ["", ""]
        made += [f"{values[t]:.3f}" for values in found.posterior.values()]
        lines.append("| " + " | ".join(made) + " |")
    return (
        f"Agent `{AGENT}` on `{SPLIT}`, level seed {LEVEL_SEED}; fitted β = {found.beta:.2f} per "
        f"decision; attributed to `{found.label}`. Written by `python -m docs --episode`.\n\n"
        + "\n".join(lines)
        + "\n"
    )
