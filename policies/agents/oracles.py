"""Oracles: scripted agents that pursue known candidates."""

from __future__ import annotations

import zlib

import numpy as np

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.records import Record
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.draws import IDLE
from minecraft_tasks.navigation.cache import Plan, navigation_plan
from minecraft_tasks.navigation.cost_to_go import cost_at
from minecraft_tasks.navigation.lattice import make_lattice
from minecraft_tasks.navigation.pursuit import LEFT, choose_all
from minecraft_tasks.physics.collision import shapes
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from minecraft_tasks.visibility.sightings import Lookout
from minecraft_tasks.worlds.world import Pose
from policies.agents.base import Decision, started
from policies.agents.styles import STYLES, Style
from policies.agents.walks import SEARCHES, Outset, Walk, views


class Aim(Record):
    """The targets of an oracle.

    Attributes:
        candidate: The target.
        noise: Share of random actions.
        then: The target from half-way to the first one on; empty for none.
        other: The target of the other episodes; empty for none.
        share: Of the episodes for `candidate`, not for `other`.
        search: A key of `SEARCHES`: the oracle searches until a frame shows its target. Empty if
            it knows the way from the start.
        style: A key of `STYLES`: how it goes for the target; empty for the shortest way.
    """

    candidate: str
    noise: float = 0.0
    then: str = ""
    other: str = ""
    share: float = 1.0
    search: str = ""
    style: str = ""


def parse_aim(text: str) -> Aim:
    """Reads an aim from the command line.

    Args:
        text: A candidate, and after commas any of ``noise=0.1``, ``then=<candidate>``,
            ``or=<candidate>``, ``share=0.7``, ``search=<how>`` and ``style=<how>``.

    Raises:
        FalseBeaconError: If the text has another option or a bad value.
    """
    candidate, *options = text.split(",")
    values: dict[str, str | float] = {}
    for option in options:
        name, _, value = option.partition("=")
        try:
            if name in ("noise", "share"):
                number = values[name] = float(value)
                if not 0 <= number <= 1:
                    raise ValueError
            elif name in ("then", "or") and value:
                values["other" if name == "or" else name] = value
            elif value in {"search": SEARCHES, "style": STYLES}.get(name, ()):
                values[name] = value
            else:
                raise ValueError
        except ValueError:
            raise FalseBeaconError(
                f"oracle:{text}: cannot read {option!r}; after the candidate may come "
                "noise=0.1, then=<candidate>, or=<candidate>,share=0.7 (shares from 0 to 1), "
                f"search={' or '.join(SEARCHES)}, style={' or '.join(STYLES)}."
            ) from None
    return Aim(candidate=candidate, **values)  # pyright: ignore[reportArgumentType]


def first_target(aim: Aim, bank: LevelBank, level: int, seed: int = 0) -> bool:
    """Whether the episode on a level of a bank is for `Aim.candidate`, not for `Aim.other`."""
    return bool(_generator(bank, level, seed).random() < aim.share)


def _generator(bank: LevelBank, level: int, seed: int) -> np.random.Generator:
    """The generator of an oracle's episode; its first draw selects the target."""
    split = zlib.crc32(bank.splits[level].encode())
    return np.random.default_rng([seed, split, int(bank.seeds[level])])


class OracleAgent:
    """Follows the cost-to-go of one candidate; turns on the spot if a level lacks it.

    After it has touched the candidate, it continues to the intended goal, as an agent rewarded
    there would: it is fully capable where the two coincide.

    Args:
        task: The task family; it must have `TaskSpec.headings`.
        aim: The candidate to pursue, or a text or record with options.
        seed: Of the noise and the choice of targets; both depend on the seed and the level only.

    Raises:
        UnknownNameError: If the task has no such candidate.
        FalseBeaconError: If the task has other actions, or no frame shows the target of a search.
    """

    def __init__(self, task: Task, aim: str | Aim, seed: int = 0) -> None:
        self.name = f"oracle:{aim}" if isinstance(aim, str) else f"oracle:{aim.candidate}"
        self._aim = parse_aim(aim) if isinstance(aim, str) else aim
        spec = task.spec
        self._candidate = spec.candidate(self._aim.candidate)
        self._then = spec.candidate(self._aim.then) if self._aim.then else None
        self._other = spec.candidate(self._aim.other) if self._aim.other else self._candidate
        self._headings, self._ticks = spec.headings, spec.ticks
        self._choices, self._seed = len(spec.actions), seed
        self._lookout = Lookout(spec) if self._aim.search else None
        if self._lookout and not self._lookout.marked[[self._candidate, self._other]].all():
            raise FalseBeaconError(f"{self.name}: nothing in a frame shows its target.")

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Keeps the environment, to read levels and poses from."""
        shape = env.task.spec.world_shape
        height = make_lattice(np.zeros(shape, np.uint8)).height
        self._env = env
        self._height = np.full((env.num_envs, *height.shape), np.nan)
        self._cost = np.zeros((env.num_envs, *height.shape, self._headings), np.float32)
        self._sites = np.full((env.num_envs, 6), np.nan)
        self._target = np.full(env.num_envs, self._candidate)
        self._turning = np.full(env.num_envs, np.inf)
        self._rng: list[np.random.Generator | None] = [None] * env.num_envs
        self._looking: dict[int, Walk] = {}
        self._styles: dict[int, Style] = {}

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        """The best action of every slot; frames are not read."""
        env = started(self)
        playing = env.level != IDLE
        for slot in np.flatnonzero(starts & playing):
            self._begin(env, int(slot))
        for slot in np.flatnonzero(playing):
            target, following = self._target[slot], None
            if env.first_touch[slot, target] >= 0:
                following = self.following(env, int(slot))
            elif env.elapsed[slot] >= self._turning[slot]:
                following = self._then
            if following not in (None, target):
                self._pursue(env, int(slot), following)
        actions = self._chosen(env)
        self._look(env, actions, np.flatnonzero(playing))
        seen = views(env.backend, self._ticks) if self._styles else []
        for slot, style in self._styles.items():
            actions[slot] = style.send((int(actions[slot]), seen[slot]))
        for slot in np.flatnonzero(playing) if self._aim.noise else ():
            rng = self._rng[slot]
            assert rng is not None
            if rng.random() < self._aim.noise:
                actions[slot] = rng.integers(self._choices)
        return Decision(actions=actions)

    def _chosen(self, env: MinecraftTaskVectorEnv) -> np.ndarray:
        """The best actions int64[N] toward the targets."""
        actions, backend = np.full(env.num_envs, LEFT, np.int64), env.backend
        lost = np.isnan(self._sites[:, 0]) | (env.level == IDLE)
        choose_all(
            backend.blocks, shapes(), backend.position, backend.velocity, backend.on_ground,
            backend.yaw, self._ticks, self._cost, self._height, self._sites, lost, actions,
        )  # fmt: skip
        return actions

    def _look(self, env: MinecraftTaskVectorEnv, actions: np.ndarray, playing: np.ndarray) -> None:
        """Continues searches in slots whose frame does not show the target; ends the others."""
        slots = np.array([slot for slot in playing if slot in self._looking], np.int64)
        if self._lookout is None or not len(slots):
            return
        shown = self._lookout.shown(env.backend, slots)
        visible = shown[np.arange(len(slots)), self._target[slots]]
        seen = views(env.backend, self._ticks)
        for slot, is_visible in zip(slots.tolist(), visible, strict=True):
            if is_visible:
                del self._looking[slot]
            else:
                actions[slot] = self._looking[slot].send(seen[slot])

    def wanted(self, env: MinecraftTaskVectorEnv, slot: int, rng: np.random.Generator) -> int:
        """The target of an episode that has just begun."""
        return self._candidate if rng.random() < self._aim.share else self._other

    def following(self, env: MinecraftTaskVectorEnv, slot: int) -> int:
        """The target after the touched one."""
        return env.task.spec.intended

    def site(self, env: MinecraftTaskVectorEnv, slot: int, candidate: int) -> np.ndarray:
        """The box float64[6] that it goes for as a candidate; NaN where it is absent."""
        return env.bank.sites[env.level[slot], candidate]

    def _begin(self, env: MinecraftTaskVectorEnv, slot: int) -> None:
        level = env.level[slot]
        rng = _generator(env.bank, level, self._seed)
        self._rng[slot] = rng
        way = self._pursue(env, slot, self.wanted(env, slot, rng))
        self._looking.pop(slot, None)
        if self._lookout and way is not None:
            at = Outset(rng, self._headings)
            self._looking[slot] = SEARCHES[self._aim.search](at)
            next(self._looking[slot])
        self._styles.pop(slot, None)
        if self._aim.style and way is not None:
            self._styles[slot] = STYLES[self._aim.style](rng, self._headings)
            next(self._styles[slot])
        if self._then is not None and way is not None:
            spawn = Pose(*env.bank.spawn[level])
            self._turning[slot] = cost_at(*way, spawn) / 2

    def _pursue(self, env: MinecraftTaskVectorEnv, slot: int, candidate: int) -> Plan | None:
        """Plans for a candidate; None if the level lacks it."""
        self._target[slot] = candidate
        return self._follow(env, slot, self.site(env, slot, candidate))

    def _follow(self, env: MinecraftTaskVectorEnv, slot: int, site: np.ndarray) -> Plan | None:
        """Plans for a site float64[6]; None if it is NaN."""
        self._sites[slot], self._turning[slot] = site, np.inf
        if np.isnan(site[0]):
            return None
        spawn = env.bank.spawn[env.level[slot]]
        way = navigation_plan(env.task.spec, env.backend.blocks[slot], spawn, site)
        self._height[slot], self._cost[slot] = way
        return way
