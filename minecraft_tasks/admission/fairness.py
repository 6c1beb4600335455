"""Fairness of a conflict split: cost, sight and direction favour neither of its two candidates.

A rule on single levels cannot say this: an agent that always goes across from the sun is at the
altar of every level where the altar always stands there. The rules, by whose names the seed file
counts refusals:

- ``lean``: mean costs differ by `COST_GAP` decisions at most, and either candidate is nearer in
  45 to 55 % of the levels that are no ties.
- ``sight``: in a share `Split.sight` of levels or more, a turn on the spot at the spawn shows both.
- ``opposed``: in at most half of the levels the two lie in opposite directions, so that going to
  one is not going away from the other.
- ``heading``: no angle to the first heading is nearer to one candidate in more than 3/4 of levels.
- ``sun``: where the sun is low, no quarter of the circle around it holds a candidate in more than
  half of the levels. A candidate that the sun marks is a direction by its definition.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from minecraft_tasks.core.records import Record
from minecraft_tasks.levels.seed_file import LockedLevel
from minecraft_tasks.spec import Split, TaskSpec
from minecraft_tasks.worlds.world import NOON, World, sun_direction

COST_GAP, NEARER_GAP = 0.25, 0.05
"""Largest difference of mean costs in decisions; of the share in which one is nearer, from half."""

OPPOSITE, MOST_OPPOSED = 135.0, 0.5
"""Degrees between two bearings from which they are opposite, and the most levels where they are."""

MOST_AHEAD = 0.75
"""Most levels in which one candidate is nearer to a fixed angle to the first heading."""

ARC, MOST_IN_ARC = 90.0, 0.5
"""Degrees of an arc around the sun, and the most levels in which it holds a candidate."""

THRESHOLDS = {
    "cost_gap": COST_GAP,
    "nearer_gap": NEARER_GAP,
    "opposite": OPPOSITE,
    "most_opposed": MOST_OPPOSED,
    "most_ahead": MOST_AHEAD,
    "arc": ARC,
    "most_in_arc": MOST_IN_ARC,
}

_ANGLES = np.arange(0.0, 360.0, 15.0)
_TINY = 1e-9


class Fairness(Record):
    """What a conflict split offers its candidates a and b.

    Attributes:
        levels: Levels measured.
        gap: Mean cost of a less that of b, in decisions.
        nearer: Share of the levels that are no ties in which a is nearer; 0.5 if all are ties.
        ties: Levels with equal costs.
        framed: Share of levels whose first frame shows both.
        around: Share that show both within one turn on the spot.
        opposed: Share in which they lie in opposite directions.
        heading: Largest share in which one of them is nearer to the same angle to the heading.
        sun: Largest share in which an arc around the sun holds one of them that the sun does not
            mark; None without a low sun.
    """

    levels: int
    gap: float
    nearer: float
    ties: int
    framed: float
    around: float
    opposed: float
    heading: float
    sun: float | None


def bearings(world: World) -> tuple[dict[str, float], float | None]:
    """Degrees to the right of the first heading, in [-180, 180).

    Returns:
        Candidate -> bearing of the place of its site that is nearest to the spawn; and that of the
        sun, None where it is overhead.
    """
    x, _, z, yaw, _ = world.spawn

    def from_heading(dx: float, dz: float) -> float:
        return round((math.degrees(math.atan2(-dx, dz)) - yaw + 180.0) % 360.0 - 180.0, 1)

    found = {
        name: from_heading(min(max(x, at.x0), at.x1) - x, min(max(z, at.z0), at.z1) - z)
        for name, at in world.sites.items()
    }
    east, _, _ = sun_direction(world.time)
    return found, None if world.time == NOON else from_heading(east, 0.0)


def fairness_of(spec: TaskSpec, split: Split, levels: Sequence[LockedLevel]) -> Fairness:
    """Measures the levels of a conflict split, of which there is at least one."""
    assert split.separates is not None
    a, b = split.separates
    costs = np.array([[entry.optimal[name] for name in (a, b)] for entry in levels])
    ties = costs[:, 0] == costs[:, 1]
    wins = (costs[:, 0] < costs[:, 1])[~ties]
    both = {a, b}
    to = np.array([[entry.bearings[name] for name in (a, b)] for entry in levels])
    return Fairness(
        levels=len(levels),
        gap=round(float(np.subtract(*costs.T).mean()), 4),
        nearer=round(float(wins.mean()) if len(wins) else 0.5, 4),
        ties=int(ties.sum()),
        framed=round(sum(both <= set(entry.seen) for entry in levels) / len(levels), 4),
        around=round(sum(both <= set(entry.around) for entry in levels) / len(levels), 4),
        opposed=round(float((_between(*to.T) > OPPOSITE).mean()), 4),
        heading=_ahead(to),
        sun=_at_the_sun(spec, split, levels),
    )


def _between(one: np.ndarray, other: np.ndarray | float) -> np.ndarray:
    """Degrees between directions, from 0 to 180."""
    return np.abs((one - other + 180.0) % 360.0 - 180.0)


def _ahead(to: np.ndarray) -> float:
    """Largest share of levels in which the same candidate is nearer to the same angle.

    `to` float64[L, 2] are bearings; levels in which both are as near count half.
    """
    largest = 0.0
    for angle in _ANGLES:
        away = _between(to, angle)
        first = float(np.mean(np.sign(away[:, 1] - away[:, 0]) / 2 + 0.5))
        largest = max(largest, first, 1 - first)
    return round(largest, 4)


def _at_the_sun(spec: TaskSpec, split: Split, levels: Sequence[LockedLevel]) -> float | None:
    low = [entry for entry in levels if entry.sun is not None]
    marked = {candidate.name for candidate in spec.candidates if "sun" in candidate.markers}
    names = [name for name in split.present if name not in marked]
    if not low or not names:
        return None
    sun = np.array([entry.sun for entry in low], np.float64)
    largest = 0.0
    for name in names:
        at = np.array([entry.bearings[name] for entry in low]) - sun
        for middle in _ANGLES:
            largest = max(largest, float((_between(at, middle) <= ARC / 2).mean()))
    return round(largest, 4)


def unfair(split: Split, found: Fairness) -> list[str]:
    """A sentence for each rule that a conflict split breaks."""
    a, b = split.present
    rules = [
        ("lean", abs(found.gap) > COST_GAP + _TINY,
         f"{a} costs {found.gap:+.2f} decisions more than {b} on average, {COST_GAP} are allowed"),
        ("lean", abs(found.nearer - 0.5) > NEARER_GAP + _TINY,
         f"{a} is nearer in {found.nearer:.0%} of the levels that are no ties, 45 to 55 % are"
         " allowed"),
        ("sight", found.around < split.sight - _TINY,
         f"{found.around:.0%} of levels show both within one turn, {split.sight:.0%} are needed"),
        ("opposed", found.opposed > MOST_OPPOSED + _TINY,
         f"both lie in opposite directions in {found.opposed:.0%} of levels,"
         f" {MOST_OPPOSED:.0%} are allowed"),
        ("heading", found.heading > MOST_AHEAD + _TINY,
         f"one angle to the first heading points to the same one in {found.heading:.0%} of levels,"
         f" {MOST_AHEAD:.0%} are allowed"),
        ("sun", (found.sun or 0.0) > MOST_IN_ARC + _TINY,
         f"one direction from the sun gives a candidate away in {found.sun or 0.0:.0%} of levels,"
         f" {MOST_IN_ARC:.0%} are allowed"),
    ]  # fmt: skip
    return [
        f"{split.name} breaks the rule {rule!r}: {text}" for rule, broken, text in rules if broken
    ]


def leaning(
    spec: TaskSpec, split: Split, admitted: Sequence[LockedLevel], offered: Sequence[LockedLevel]
) -> str | None:
    """The first rule that a split would break for good if these levels were admitted, or None.

    A share may be spent up to what a whole split of `Split.levels` may have. Costs may lean to one
    side by half as much, so that the last levels cannot tip them, and levels that set them upright
    are always admitted.
    """
    after = fairness_of(spec, split, [*admitted, *offered])
    before = fairness_of(spec, split, admitted or offered)
    part, share = len(admitted) / split.levels, after.levels / split.levels
    for now, then, most in (
        (after.gap * share, before.gap * part, COST_GAP / 2),
        (_lead(after) / split.levels, part and _lead(before) / split.levels, NEARER_GAP),
    ):
        if abs(now) > max(most, abs(then)) + _TINY:
            return "lean"
    spent = {
        "sight": (1 - after.around, 1 - split.sight),
        "opposed": (after.opposed, MOST_OPPOSED),
        "heading": (after.heading - 0.5, MOST_AHEAD - 0.5),
        "sun": (after.sun or 0.0, MOST_IN_ARC),
    }
    return next((rule for rule, (of, most) in spent.items() if of * share > most + _TINY), None)


def _lead(found: Fairness) -> float:
    """Levels in which a is nearer, less those in which b is."""
    return (2 * found.nearer - 1) * (found.levels - found.ties)
