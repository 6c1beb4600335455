"""Training steps per second: our RecurrentPPO next to the stock class, in one run.

Same network, hyperparameters and environments (BeaconShrine's training levels); rollout and
update both count. One race starts with fresh policies, whose episodes are long, and one with a
policy that has learnt the task, whose episodes are short: the stock class pads each to the longest,
and most of a training run is like that. Run as ``python -m benchmarks.training``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from typing import Any

import torch

from benchmarks.turns import Child, Turn
from minecraft_tasks.tasks import task
from policies.networks.architecture import policy_class
from policies.networks.encoder import policy_kwargs
from policies.networks.step import native_bf16, resolved
from policies.ppo.recurrent_ppo import RecurrentPPO, StockRecurrentPPO
from policies.runs.config import Architecture, make_config
from policies.training.setup import make_env
from wrappers.sb3 import SB3VecEnv

CONFIG = make_config(task="BeaconShrine", layouts=256)
ROLLOUT = CONFIG.environments * CONFIG.n_steps
"""Decisions between two updates."""
PHASES: tuple[str, ...] = ("environment", "acting", "update")
LEARNT = 48
"""Rollouts after which a policy has learnt the task."""

Weights = Mapping[str, torch.Tensor]
Entry = tuple[type[StockRecurrentPPO], dict[str, Any]]
"""A class to train with, and the keyword arguments of its `Contender`."""


class Contender:
    """One class in training, with a stopwatch around each phase.

    Args:
        cls: The class to train with.
        architecture: Of the policy.
        settings: Keyword arguments of our class only.
    """

    def __init__(
        self, cls: type[StockRecurrentPPO], architecture: Architecture = "cnn-lstm", **settings: Any
    ) -> None:
        self.seconds = dict.fromkeys(PHASES, 0.0)
        env: SB3VecEnv = make_env(task(CONFIG.task), CONFIG)
        self.model: Any = cls(
            policy_class(architecture), env, n_steps=CONFIG.n_steps, batch_size=CONFIG.batch_size,
            n_epochs=CONFIG.epochs, learning_rate=CONFIG.learning_rate, ent_coef=CONFIG.ent_coef,
            policy_kwargs=policy_kwargs(CONFIG.critic, CONFIG.hidden, architecture),
            seed=0, device="cpu", **settings,
        )  # fmt: skip
        env.env.step = self._timed("environment", env.env.step)
        self.model.collect_rollouts = self._timed("acting", self.model.collect_rollouts)
        self.model.train = self._timed("update", self.model.train)

    def _timed(self, phase: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return call(*args, **kwargs)
            finally:
                self.seconds[phase] += time.perf_counter() - start

        return timed

    def play(self, rollouts: int) -> None:
        """Trains for a number of rollouts, with their updates."""
        fresh = self.model.num_timesteps == 0
        self.model.learn(rollouts * ROLLOUT, reset_num_timesteps=fresh)

    def turn(self, rollouts: int) -> dict[str, float]:
        """Trains for one rollout, after a number of rollouts of which the first does not count.

        Returns:
            Steps per second of those that count, number of weights, each phase's share of the time.
        """
        self.play(1)
        if rollouts == 0:
            self.seconds = dict.fromkeys(PHASES, 0.0)
            return {}
        parts = dict(self.seconds)
        parts["acting"] -= parts["environment"]
        total = sum(parts.values())
        shares = {phase: parts[phase] / total for phase in PHASES}
        speed = rollouts * ROLLOUT / total
        weights = sum(part.numel() for part in self.model.policy.parameters())
        return {"steps_per_second": speed, "weights": weights, **shares}


def _training(entry: Entry, threads: int, weights: Weights | None) -> tuple[None, Turn]:
    """What `Child` makes for an entry."""
    torch.set_num_threads(threads)
    contender = Contender(entry[0], **entry[1])
    if weights is not None:
        contender.model.policy.load_state_dict(weights)
    return None, contender.turn


def _child(name: str, entry: Entry, threads: int, weights: Weights | None) -> Child:
    """A process for an entry, so that none inherits another's threads and memory."""
    own = os.environ["GOMP_SPINCOUNT"]
    if entry[0] is StockRecurrentPPO:
        # The stock class runs without this package's own setting.
        del os.environ["GOMP_SPINCOUNT"]
    try:
        return Child(name, _training, entry, threads, weights)
    finally:
        os.environ["GOMP_SPINCOUNT"] = own


def race(
    entries: Mapping[str, Entry], weights: Weights | None, rounds: int, threads: int
) -> dict[str, Any]:
    """Trains all in turns, so that a machine that slows down slows each.

    Args:
        entries: By name; the others are compared with the first.
        weights: Of the policy that all start from; None for fresh ones.
        rounds: Rollouts with update of each, after one that does not count.
        threads: Of torch.

    Returns:
        Per entry the figures of `Contender.turn`, and the ratio of its speed to the first's.
    """
    results: dict[str, Any] = {}
    with ExitStack() as stack:
        children = {
            name: stack.enter_context(closing(_child(name, entry, threads, weights)))
            for name, entry in entries.items()
        }
        for child in children.values():
            child.answer()
        for number in range(rounds + 1):
            for name, child in children.items():
                results[name] = child.turn(number)
    first = results[next(iter(entries))]["steps_per_second"]
    for result in results.values():
        result["ratio"] = result["steps_per_second"] / first
    return results


def table(title: str, results: Mapping[str, Any]) -> None:
    """Prints the results of a race."""
    heads = "".join(f"{phase:>13}" for phase in PHASES)
    print(f"{title:28}{'steps/s':>9}{'ratio':>8}{heads}{'weights':>13}")
    for name, result in results.items():
        speed = f"{result['steps_per_second']:>9,.0f}{result['ratio']:>8.2f}"
        shares = "".join(f"{result[phase]:>13.0%}" for phase in PHASES)
        print(f"{name:28}{speed}{shares}{result['weights']:>13,}")


def learnt_weights(threads: int) -> Weights:
    """Weights of a policy after `LEARNT` rollouts of our own training."""
    torch.set_num_threads(threads)
    trained = Contender(RecurrentPPO, precision=resolved(CONFIG.precision))
    trained.play(LEARNT)
    return trained.model.policy.state_dict()


def main(rounds: int = 3, threads: int = 2) -> dict[str, Any]:
    """Measures both races, prints the tables and returns the figures."""
    precisions = ("float32", "bf16") if native_bf16() else ("float32",)
    entries: dict[str, Entry] = {"stock": (StockRecurrentPPO, {})}
    for precision in precisions:
        entries[f"ours, {precision}"] = (RecurrentPPO, {"precision": precision})
    fresh = race(entries, None, rounds, threads)
    table("fresh policies", fresh)
    learnt = race(entries, learnt_weights(threads), rounds, threads)
    table(f"a policy of {LEARNT * ROLLOUT:,} steps", learnt)
    return {"fresh": fresh, "learnt": learnt, "learnt_after": LEARNT, "threads": threads}


if __name__ == "__main__":
    main()
