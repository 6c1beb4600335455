"""Sampling of training levels: the level that an episode plays, and what its outcome changes.

A sampler reads levels, lengths and successes at the rewarded candidate. It is never told what else
was touched, nor which candidates a level holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np

from minecraft_tasks.core.errors import FalseBeaconError

Sampling = Literal["uniform", "curriculum", "prioritised", "regret", "learnability"]

PLAYS = 4
"""Last plays of a level from which the agent's return and success there are estimated."""

UNIFORM_SHARE = 0.2
"""Share of draws by regret or learnability that are uniform, so that estimates stay fresh."""

HOPELESS, HOPELESS_SHARE = 20, 0.1
"""Plays without success after which a level counts as unsolved; most draws of all such levels."""

PASSED, WINDOW = 0.8, 256
"""Success over so many episodes of a curriculum's newest stage that opens the next one."""

TEMPERATURE, STALENESS = 0.1, 0.1
"""Of prioritised level replay, as published for Procgen: beta and rho."""


class LevelFacts(NamedTuple):
    """What samplers know of the L levels of a bank.

    Attributes:
        weights: float64[L] relative frequency of each level under uniform sampling.
        stages: int64[L] stage of a curriculum, 0 the first; -1 for levels that are always open and
            not counted as success.
        optimal: float64[L] fewest decisions to the rewarded candidate.
        limits: int64[L] decisions after which an episode is cut.
        gamma: Discount per decision.
        step_cost: Of the reward, at each decision.
    """

    weights: np.ndarray
    stages: np.ndarray
    optimal: np.ndarray
    limits: np.ndarray
    gamma: float
    step_cost: float


class LevelSampler:
    """Draws levels of a bank by fixed weights: uniform sampling, and the base of all others.

    Args:
        levels: Number of levels in the bank, L.
        weights: float64[L] relative frequency of each; equal by default.

    Raises:
        FalseBeaconError: If the weights are not one for each level, none negative, not all zero.
    """

    STATE: tuple[str, ...] = ()
    """Names of the attributes, arrays, that later draws depend on."""

    def __init__(self, levels: int, weights: np.ndarray | None = None) -> None:
        self.levels = levels
        self._upto = None if weights is None else cumulative(weights, levels)

    def draw(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Levels of the next episodes, int64[count]."""
        if self._upto is None:
            return rng.integers(0, self.levels, count)
        return np.searchsorted(self._upto, rng.random(count), side="right")

    def ended(self, levels: np.ndarray, lengths: np.ndarray, solved: np.ndarray) -> None:
        """Notes the episodes that ended with a decision, at every decision of an environment.

        Args:
            levels: int64[K].
            lengths: int64[K] decisions.
            solved: bool[K], whether the rewarded candidate was reached.
        """

    def learnt(self, levels: np.ndarray, ended: np.ndarray, advantages: np.ndarray) -> None:
        """Notes the learner's estimates of a rollout of T steps in N environments.

        Args:
            levels: int64[T, N], played at each step.
            ended: bool[T, N], whether the step was the last of its episode.
            advantages: float[T, N], by generalised advantage estimation.
        """

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all that later draws depend on but the generator."""
        return {name: np.array(getattr(self, name)) for name in self.STATE}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Continues from a `state`.

        Raises:
            FalseBeaconError: If it is of another sampling, or of another number of levels.
        """
        for name in self.STATE:
            own, given = np.asarray(getattr(self, name)), state.get(name)
            if given is None or given.shape != own.shape:
                raise FalseBeaconError(
                    f"the state of {type(self).__name__} lacks {name} of shape {list(own.shape)}:"
                    " it is of another sampling, or of another number of levels."
                )
            setattr(self, name, given.astype(own.dtype, copy=True))


class WeightedSampler(LevelSampler):
    """Draws levels by weights that change; `weigh` gives them, float64[L] of any sum."""

    def __init__(self, facts: LevelFacts) -> None:
        super().__init__(len(facts.weights), facts.weights)
        self.facts = facts
        self._base = facts.weights / facts.weights.sum()
        self._fresh = False

    def weigh(self) -> np.ndarray:
        """Relative frequencies float64[L] of the next draws."""
        raise NotImplementedError

    def draw(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Levels of the next episodes, int64[count]."""
        if not self._fresh:
            self._upto, self._fresh = cumulative(self.weigh(), self.levels), True
        return super().draw(rng, count)

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Continues from a `state`; errors as in `LevelSampler.restore`."""
        super().restore(state)
        self._fresh = False


class Curriculum(WeightedSampler):
    """Easier levels first: a stage opens when the one before it is solved often enough.

    Within the open stages levels are as frequent, relative to each other, as under uniform
    sampling. Success counts on the newest open stage only, and not before the longest of its time
    limits has passed: what ends sooner are mostly successes.
    """

    STATE = ("stage", "outcomes", "count", "decisions")

    def __init__(self, facts: LevelFacts) -> None:
        super().__init__(facts)
        self.stage = np.array(0)
        self.outcomes, self.count = np.zeros(WINDOW, bool), np.array(0)
        self.decisions = np.array(0)
        self._stages = np.unique(facts.stages[facts.stages >= 0])
        if not len(self._stages):
            raise FalseBeaconError(
                "--sampling curriculum needs training levels on which the candidates coincide."
            )

    def weigh(self) -> np.ndarray:
        """Uniform weights of open stages; levels outside of stages keep their share."""
        staged = self.facts.stages >= 0
        open_ = staged & (self.facts.stages <= self._stages[self.stage])
        share = self._base[staged].sum() / self._base[open_].sum()
        return np.where(staged, self._base * open_ * share, self._base)

    def ended(self, levels: np.ndarray, lengths: np.ndarray, solved: np.ndarray) -> None:
        """Counts successes, and opens the next stage."""
        newest = self.facts.stages == self._stages[self.stage]
        self.decisions = self.decisions + 1
        if self.decisions <= self.facts.limits[newest].max():
            return
        for success in solved[newest[levels]]:
            self.outcomes[int(self.count) % WINDOW] = success
            self.count = self.count + 1
        last = int(self.stage) == len(self._stages) - 1
        if not last and self.count >= WINDOW and self.outcomes.mean() >= PASSED:
            self.stage, self._fresh = self.stage + 1, False
            self.count, self.decisions = np.array(0), np.array(0)


class LastPlays(WeightedSampler):
    """Weights by the last `PLAYS` plays of each level; `score` gives them, float64[L].

    The weights of uniform sampling are multiplied by the score; `UNIFORM_SHARE` of draws are
    uniform. Levels that were not solved in their last `HOPELESS` plays get at most
    `HOPELESS_SHARE` of draws.
    """

    STATE = ("lengths", "solved", "plays", "failures")

    def __init__(self, facts: LevelFacts) -> None:
        super().__init__(facts)
        self.lengths = np.zeros((self.levels, PLAYS), np.int64)
        self.solved = np.zeros((self.levels, PLAYS), bool)
        self.plays, self.failures = np.zeros((2, self.levels), np.int64)

    def score(self) -> np.ndarray:
        """What makes a level worth playing, float64[L], not negative."""
        raise NotImplementedError

    def mean(self, values: np.ndarray, unplayed: np.ndarray) -> np.ndarray:
        """Mean of values [L, PLAYS] over the plays there were; `unplayed` [L] where none was."""
        played = np.arange(PLAYS) < self.plays[:, None]
        total = np.where(played, values, 0.0).sum(axis=1)
        count = played.sum(axis=1)
        return np.where(count > 0, total / np.maximum(count, 1), unplayed)

    def weigh(self) -> np.ndarray:
        """Weights by score, a uniform share, and the cap on unsolved levels."""
        scored = self._base * self.score()
        total = scored.sum()
        share = UNIFORM_SHARE if total > 0 else 1.0
        weights = share * self._base + (1 - share) * scored / (total if total > 0 else 1.0)
        hopeless = self.failures >= HOPELESS
        mass = weights[hopeless].sum()
        if mass > HOPELESS_SHARE and not hopeless.all():
            weights[hopeless] *= HOPELESS_SHARE / mass
            weights[~hopeless] *= (1 - HOPELESS_SHARE) / (1 - mass)
        return weights

    def ended(self, levels: np.ndarray, lengths: np.ndarray, solved: np.ndarray) -> None:
        """Notes the outcome of episodes."""
        for level, length, success in zip(levels, lengths, solved, strict=True):
            slot = self.plays[level] % PLAYS
            self.lengths[level, slot], self.solved[level, slot] = length, success
            self.plays[level] += 1
            self.failures[level] = 0 if success else self.failures[level] + 1
        self._fresh = False


class Regret(LastPlays):
    """Levels in proportion to regret: the optimal return less the agent's, an estimate.

    Both are discounted, with step cost, and cut at the level's limit without bootstrap. The optimum
    knows the level, so that some regret remains where the way must be found first. A level that
    was not played counts as unsolved.
    """

    def score(self) -> np.ndarray:
        """Regret float64[L]."""
        facts = self.facts
        discount = (facts.gamma, facts.step_cost)
        fewest = np.ceil(facts.optimal)
        in_time = fewest <= facts.limits
        best = discounted_return(np.minimum(fewest, facts.limits), in_time, *discount)
        nothing = discounted_return(facts.limits, np.zeros(self.levels, bool), *discount)
        own = discounted_return(self.lengths, self.solved, *discount)
        return np.maximum(best - self.mean(own, nothing), 0.0)


class Learnability(LastPlays):
    """Levels in proportion to p (1 - p), of the share p of plays that solve it.

    Rutherford et al. 2024, "No Regrets: Investigating and Improving Regret Approximations for
    Curriculum Discovery". A level that was not played counts as p = 1/2.
    """

    def score(self) -> np.ndarray:
        """Learnability float64[L]."""
        share = self.mean(self.solved, np.full(self.levels, 0.5))
        return share * (1 - share)


class Prioritised(WeightedSampler):
    """Prioritised level replay (Jiang et al. 2021).

    A draw is a level that was not drawn before, in proportion to the share of such levels; else one
    that was scored, from the mixture of P_S by rank of score and P_C by staleness: (1 - rho) P_S +
    rho P_C, P_S in proportion to (1 / rank) ** (1 / beta) and P_C to the number of draws since the
    last one of the level. The score is the mean magnitude of generalised advantages over the last
    episode on the level. Where levels are not equally frequent under uniform sampling, their
    relative frequency multiplies the mixture.
    """

    STATE = ("scores", "drawn_at", "draws", "partial", "steps")

    def __init__(self, facts: LevelFacts, num_envs: int) -> None:
        super().__init__(facts)
        self.scores = np.full(self.levels, np.nan)
        self.drawn_at, self.draws = np.full(self.levels, -1, np.int64), np.array(0)
        self.partial, self.steps = np.zeros(num_envs), np.zeros(num_envs, np.int64)

    def weigh(self) -> np.ndarray:
        """Probabilities of a replay; zero where nothing was scored yet."""
        scored = np.flatnonzero(~np.isnan(self.scores))
        weights = np.zeros(self.levels)
        if len(scored):
            order = np.argsort(-self.scores[scored], kind="stable")
            rank = np.empty(len(scored))
            rank[order] = np.arange(1, len(scored) + 1)
            by_score = rank ** (-1.0 / TEMPERATURE)
            since = (self.draws - self.drawn_at[scored]).astype(float)
            stale = since / max(since.sum(), 1.0)
            weights[scored] = (1 - STALENESS) * by_score / by_score.sum() + STALENESS * stale
        return weights * self._base * self.levels

    def draw(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Levels of the next episodes, int64[count], one after the other."""
        return np.array([self._one(rng) for _ in range(count)], np.int64)

    def _one(self, rng: np.random.Generator) -> int:
        fresh = self.drawn_at < 0
        share = self._base[fresh].sum()
        weights = self.weigh() if rng.random() >= share else np.zeros(self.levels)
        if not weights.any():
            weights = self._base * fresh if fresh.any() else self._base
        level = int(np.searchsorted(cumulative(weights, self.levels), rng.random(), side="right"))
        self.draws = self.draws + 1
        self.drawn_at[level] = self.draws
        return level

    def learnt(self, levels: np.ndarray, ended: np.ndarray, advantages: np.ndarray) -> None:
        """Scores the levels of episodes that ended."""
        for played, done, size in zip(levels, ended, np.abs(advantages), strict=True):
            self.partial += size
            self.steps += 1
            self.scores[played[done]] = self.partial[done] / self.steps[done]
            self.partial[done], self.steps[done] = 0.0, 0


def make_sampler(sampling: Sampling, facts: LevelFacts, num_envs: int) -> LevelSampler:
    """The sampler of a run with so many environments; uniform sampling needs none."""
    if sampling == "prioritised":
        return Prioritised(facts, num_envs)
    kinds = {"curriculum": Curriculum, "regret": Regret, "learnability": Learnability}
    return kinds[sampling](facts)


def discounted_return(
    lengths: np.ndarray, solved: np.ndarray, gamma: float, step_cost: float
) -> np.ndarray:
    """Discounted return of episodes: 1 at the last decision if solved, less the cost of each."""
    lengths = np.asarray(lengths, float)
    spent = lengths if gamma == 1 else (1 - gamma**lengths) / (1 - gamma)
    return np.where(solved, gamma ** np.maximum(lengths - 1, 0), 0.0) - step_cost * spent


def cumulative(weights: np.ndarray, levels: int) -> np.ndarray:
    """Cumulative distribution float64[L] of draws by relative weights, see `LevelSampler`."""
    given = np.asarray(weights, np.float64)
    if given.shape != (levels,) or not (given >= 0).all() or not 0 < given.sum() < np.inf:
        raise FalseBeaconError(
            f"weights must be {levels} numbers, none negative and not all zero, "
            f"got shape {list(given.shape)} with sum {given.sum()}."
        )
    upto = np.cumsum(given) / given.sum()
    # Rounding must not leave a draw beyond the last level that has any weight.
    upto[np.flatnonzero(given)[-1] :] = 1.0
    return upto
