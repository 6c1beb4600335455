"""Tasks as pure data: candidates, splits, actions, and a hash of all of them.

A `TaskSpec` holds no code, so it can be written to JSON, compared, and hashed. The function that
builds a task's worlds lives beside its spec in `minecraft_tasks.tasks`.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Literal

from minecraft_tasks.actions import NAVIGATION, Action, navigation
from minecraft_tasks.core.errors import FalseBeaconError, lookup
from minecraft_tasks.core.records import Record

SplitKind = Literal[
    "train", "heldout", "control", "conflict", "factorial", "absent", "only", "skill"
]


class Candidate(Record):
    """Something the agent may turn out to pursue.

    Attributes:
        name: Short name used in splits, records and on the command line.
        intended: Whether the reward pays for it.
        description: One sentence for a reader of the report.
        markers: What shows it on the screen: block names of `blocks.PALETTE`, or the
            pseudo-names ``sun`` and ``beam``. Empty for a candidate without a look of its own.
    """

    name: str
    intended: bool = False
    description: str
    markers: tuple[str, ...] = ()


class Split(Record):
    """A named distribution of levels.

    Attributes:
        name: For example ``heldout`` or ``conflict/altar-beacon``.
        kind: Purpose of the split; see docs/splits.md.
        sites: Candidates by site: those in one group coincide, groups stand apart, and a
            candidate in no group is absent.
        size: Smallest and largest size of a level, in the task's own unit.
        time_limit: Decisions after which an episode is truncated.
        sight: Least share of a conflict's levels in which a turn on the spot at the spawn shows
            both candidates.
        levels: Levels that the seed file locks (0 for `train`, which is unbounded).
    """

    name: str
    kind: SplitKind
    sites: tuple[tuple[str, ...], ...]
    size: tuple[int, int]
    time_limit: int
    sight: float = 0.0
    levels: int = 64

    @property
    def present(self) -> tuple[str, ...]:
        """Candidates that this split's levels contain."""
        return tuple(name for group in self.sites for name in group)

    @property
    def separates(self) -> tuple[str, str] | None:
        """The two candidates that a conflict sets against each other; None on other splits."""
        return (self.present[0], self.present[1]) if self.kind == "conflict" else None

    @property
    def twins(self) -> bool:
        """Whether levels 2k and 2k + 1 are one layout: two candidates swap, or the sun moves."""
        return self.separates is not None

    @property
    def apart(self) -> bool:
        """Whether candidates stand apart: it measures preference, not capability."""
        return self.kind in ("conflict", "factorial")

    @property
    def partial(self) -> bool:
        """Whether candidates that coincide in training are missing."""
        return self.kind in ("absent", "only")

    @property
    def searched(self) -> bool:
        """Whether candidates have to be searched for, since none is in sight at first."""
        return self.kind == "skill"

    @property
    def unbounded(self) -> bool:
        """Whether its levels are for training, without number, and none is locked."""
        return self.kind == "train"


class TaskSpec(Record):
    """A family of worlds with one intended goal and named proxies.

    Attributes:
        name: For example ``BeaconShrine``.
        version: Raised whenever the task's behaviour changes.
        description: One sentence for a reader of the report.
        case: Whether the proxy makes the reward (``side-effect``) or the reward makes the
            proxy (``instrumental``).
        ease: Candidates from the easiest to the hardest to pursue, stated before training.
        candidates: The intended goal first, then the proxies.
        splits: Every named distribution of levels.
        world_shape: Blocks along x, y and z of every level's array.
        actions: The table behind the `Discrete` action space.
        ticks: Game ticks per decision.
        step_cost: Subtracted from the reward at each decision.
    """

    name: str
    version: int = 0
    description: str
    case: Literal["side-effect", "instrumental"]
    ease: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    splits: tuple[Split, ...]
    world_shape: tuple[int, int, int]
    actions: tuple[Action, ...] = NAVIGATION
    ticks: int = 4
    step_cost: float = 0.002

    @cached_property
    def candidate_names(self) -> tuple[str, ...]:
        """Names in the order of every array axis of length C."""
        return tuple(candidate.name for candidate in self.candidates)

    @cached_property
    def intended(self) -> int:
        """Index of the intended goal in `candidates`."""
        return next(i for i, candidate in enumerate(self.candidates) if candidate.intended)

    @property
    def intended_name(self) -> str:
        """Name of the intended goal."""
        return self.candidate_names[self.intended]

    @cached_property
    def task_hash(self) -> str:
        """Sixteen hexadecimal digits over the whole specification."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def headings(self) -> int:
        """Number of headings that the turns lead to, which planners in the action space need.

        Raises:
            FalseBeaconError: If the actions are not those of `navigation` for a turn that
                divides 360 degrees.
        """
        turn = max((action.turn for action in self.actions), default=0.0)
        if turn <= 0 or 360.0 % turn or self.actions != navigation(turn):
            raise FalseBeaconError(
                f"{self.name} cannot be planned for: its actions are "
                f"{', '.join(action.name for action in self.actions)}, and not forward, left and "
                "right by one angle that divides 360 degrees."
            )
        return round(360.0 / turn)

    def rewarded(self, reward: str) -> int:
        """Index of the candidate that reward pays for; the intended goal if `reward` is empty."""
        return self.candidate(reward) if reward else self.intended

    @property
    def env_id(self) -> str:
        """Name under which gymnasium knows the task."""
        return f"falsebeacon/{self.name}-v{self.version}"

    def split(self, name: str) -> Split:
        """The split of that name; raises `UnknownNameError` if there is none."""
        return lookup("split", name, {split.name: split for split in self.splits}, self.name)

    def of_kind(self, *kinds: SplitKind) -> tuple[Split, ...]:
        """The splits of some kinds, in the order of the task."""
        return tuple(split for split in self.splits if split.kind in kinds)

    def conflicts(self, candidate: str) -> tuple[Split, ...]:
        """The splits that set a candidate against another one."""
        return tuple(split for split in self.splits if candidate in (split.separates or ()))

    def alone(self, candidate: str) -> str:
        """Name of the split that holds this candidate alone; a task need not have one."""
        only = (s.name for s in self.of_kind("only") if s.present == (candidate,))
        return next(only, f"only/{candidate}")

    @property
    def apart(self) -> tuple[str, ...]:
        """Names of the splits on which candidates stand apart."""
        return tuple(split.name for split in self.splits if split.apart)

    def candidate(self, name: str) -> int:
        """Index of the candidate of that name; raises `UnknownNameError` if there is none."""
        names = {candidate: index for index, candidate in enumerate(self.candidate_names)}
        return lookup("candidate", name, names, self.name)


Mode = Literal["sampled", "greedy"]
"""How an action is picked from log-probabilities."""

LOOK_VERSION = 1
"""Raised whenever frames change: an agent is judged on the pictures that it was trained on."""

TRAINING_LEVELS = 2048
"""Default number of training levels that an environment draws from."""


def episode_shares(
    spec: TaskSpec,
    conflict_fraction: float = 0.0,
    decorrelated: bool = False,
    reward: str = "",
    withheld: str = "",
    detour_fraction: float = 0.0,
) -> dict[str, float]:
    """Share of training episodes on levels like those of each split.

    Args:
        spec: The task.
        conflict_fraction: Share of episodes on levels with two candidates apart, the rewarded one
            and one other, every such pair equally often.
        decorrelated: Whether every candidate has a site of its own in the other episodes.
        reward: Candidate that reward pays for; the intended goal where it is empty.
        withheld: Candidate whose conflicts are left out.
        detour_fraction: Share of the other episodes on levels like those of `skill`.

    Returns:
        Split -> share above 0, in the order of the task; they add up to 1.

    Raises:
        UnknownNameError: If the task has no such candidate.
        FalseBeaconError: If it has no levels of that kind.
    """
    name = spec.candidate_names[spec.rewarded(reward)]
    usual = [split.name for split in spec.of_kind("factorial" if decorrelated else "train")]
    without = spec.candidate_names[spec.candidate(withheld)] if withheld else ""
    conflicts = [s.name for s in spec.conflicts(name) if without not in s.present]
    detours = [split.name for split in spec.of_kind("skill")]
    if not usual:
        raise FalseBeaconError(
            f"{spec.name} has no factorial split, so it cannot be trained with its candidates "
            "decorrelated: leave out `decorrelated`."
        )
    if conflict_fraction and not conflicts:
        raise FalseBeaconError(
            f"{spec.name} has no conflict split with {name!r}"
            f"{f' and without {without!r}' if without else ''}: leave out `conflict_fraction`."
        )
    if without and not conflict_fraction:
        raise FalseBeaconError(
            f"no conflict levels are trained on, of which those with {without!r} could be withheld:"
            " leave out `withheld`, or set `conflict_fraction`."
        )
    if detour_fraction and not detours:
        raise FalseBeaconError(f"{spec.name} has no skill split: leave out `detour_fraction`.")
    rest = 1 - conflict_fraction
    shares = dict.fromkeys(usual, rest * (1 - detour_fraction) / len(usual))
    shares |= {split: rest * detour_fraction / len(detours) for split in detours}
    shares |= {split: conflict_fraction / len(conflicts) for split in conflicts}
    return {split: share for split, share in shares.items() if share > 0}
