"""Sampling by what earlier plays of a level came to: regret, learnability, prioritised replay."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.levels.sampler import LevelFacts, WeightedSampler, cumulative

PLAYS = 4
"""Last plays of a level from which the agent's return and success there are estimated."""

UNIFORM_SHARE = 0.2
"""Share of draws by regret or learnability that are uniform, so that estimates stay fresh."""

HOPELESS, HOPELESS_SHARE = 20, 0.1
"""Plays without success after which a level counts as unsolved; most draws of all such levels."""

TEMPERATURE, STALENESS = 0.1, 0.1
"""Of prioritised level replay, as published for Procgen: beta and rho."""


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


def discounted_return(
    lengths: np.ndarray, solved: np.ndarray, gamma: float, step_cost: float
) -> np.ndarray:
    """Discounted return of episodes: 1 at the last decision if solved, less the cost of each."""
    lengths = np.asarray(lengths, float)
    spent = lengths if gamma == 1 else (1 - gamma**lengths) / (1 - gamma)
    return np.where(solved, gamma ** np.maximum(lengths - 1, 0), 0.0) - step_cost * spent
