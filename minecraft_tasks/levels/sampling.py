"""Sampling of training levels, by name, and the curriculum."""

from __future__ import annotations

from typing import Literal

import numpy as np

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.replay import Learnability, Prioritised, Regret
from minecraft_tasks.levels.sampler import LevelFacts, LevelSampler, WeightedSampler

Sampling = Literal["uniform", "curriculum", "prioritised", "regret", "learnability"]

PASSED, WINDOW = 0.8, 256
"""Success over so many episodes of a curriculum's newest stage that opens the next one."""


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


def make_sampler(sampling: Sampling, facts: LevelFacts, num_envs: int) -> LevelSampler:
    """The sampler of a run with so many environments; uniform sampling needs none."""
    if sampling == "prioritised":
        return Prioritised(facts, num_envs)
    kinds = {"curriculum": Curriculum, "regret": Regret, "learnability": Learnability}
    return kinds[sampling](facts)
