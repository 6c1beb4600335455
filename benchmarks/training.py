"""Training steps per second: our RecurrentPPO next to the stock class, in one run.

Same network, hyperparameters and environments (BeaconShrine's training levels); rollout and
update both count. Once with fresh policies, whose episodes are long, and once with one policy that
has learnt the task, whose episodes are short: the stock class pads each of them to the longest,
and most of a training run is spent there. Run as ``python -m benchmarks.training``.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import torch

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
"""Rollouts after which the policy is taken that has learnt the task."""

Weights = Mapping[str, torch.Tensor]


class Contender:
    """One class in training, with a stopwatch around each phase.

    Args:
        name: In the table.
        cls: The class to train with.
        architecture: Of the policy.
        settings: What only our class takes.
    """

    def __init__(
        self,
        name: str,
        cls: type[StockRecurrentPPO],
        architecture: Architecture = "cnn-lstm",
        **settings: Any,
    ) -> None:
        self.name = name
        self.seconds = dict.fromkeys(PHASES, 0.0)
        env: SB3VecEnv = make_env(task(CONFIG.task), CONFIG)
        self.model: Any = cls(
            policy_class(architecture),
            env,
            n_steps=CONFIG.n_steps,
            batch_size=CONFIG.batch_size,
            n_epochs=CONFIG.epochs,
            learning_rate=CONFIG.learning_rate,
            ent_coef=CONFIG.ent_coef,
            policy_kwargs=policy_kwargs(CONFIG.critic, CONFIG.hidden, architecture),
            seed=0,
            device="cpu",
            **settings,
        )
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

    def result(self, rollouts: int) -> dict[str, float]:
        """Steps per second, and each phase's share of the time."""
        parts = dict(self.seconds)
        parts["acting"] -= parts["environment"]
        total = sum(parts.values())
        shares = {phase: parts[phase] / total for phase in PHASES}
        return {"steps_per_second": rollouts * ROLLOUT / total, **shares}


class Entry(NamedTuple):
    """What one contender is made of; it is sent to a process of its own."""

    name: str
    cls: type[StockRecurrentPPO]
    settings: dict[str, Any]


def entries() -> list[Entry]:
    """Stock and ours, in every precision that this processor multiplies natively."""
    found = [
        Entry("stock", StockRecurrentPPO, {}),
        Entry("ours, float32", RecurrentPPO, {"precision": "float32"}),
    ]
    if native_bf16():
        found.append(Entry("ours, bf16", RecurrentPPO, {"precision": "bf16"}))
    return found


def _serve(pipe: Connection, entry: Entry, threads: int, weights: Weights | None) -> None:
    """Plays a rollout with its update for each message, and answers with the figures so far."""
    torch.set_num_threads(threads)
    contender = Contender(entry.name, entry.cls, **entry.settings)
    if weights is not None:
        contender.model.policy.load_state_dict(weights)
    played = 0
    while pipe.recv():
        contender.play(1)
        played += 1
        if played == 1:
            contender.seconds = dict.fromkeys(PHASES, 0.0)
        pipe.send(contender.result(played - 1) if played > 1 else None)


@contextmanager
def process(entry: Entry, threads: int, weights: Weights | None) -> Iterator[Connection]:
    """A process for a contender, so that none inherits another's threads and memory."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    own = os.environ["GOMP_SPINCOUNT"]
    if entry.cls is StockRecurrentPPO:
        # What this package sets for itself is not the stock class's.
        del os.environ["GOMP_SPINCOUNT"]
    try:
        child = context.Process(target=_serve, args=(there, entry, threads, weights), daemon=True)
        child.start()
    finally:
        os.environ["GOMP_SPINCOUNT"] = own
    yield here
    here.send(False)
    child.join()


def race(
    contenders: Sequence[Entry], weights: Weights | None, rounds: int, threads: int
) -> dict[str, Any]:
    """Trains all by turns, so that a machine that slows down slows each.

    Args:
        contenders: The first is what the others are held against.
        weights: Of the policy that all start from; fresh ones where it is None.
        rounds: Rollouts with update of each, after one that is not counted.
        threads: Of torch.

    Returns:
        Per contender steps per second, its ratio to the first, and the share of each phase.
    """
    results: dict[str, Any] = {}
    with ExitStack() as stack:
        pipes = [stack.enter_context(process(each, threads, weights)) for each in contenders]
        for _ in range(rounds + 1):
            for entry, pipe in zip(contenders, pipes, strict=True):
                pipe.send(True)
                results[entry.name] = pipe.recv()
    first = results[contenders[0].name]["steps_per_second"]
    for result in results.values():
        result["ratio"] = result["steps_per_second"] / first
    return results


def learnt_weights(threads: int, rollouts: int = LEARNT) -> Weights:
    """Weights of a policy after so many rollouts of our own training."""
    torch.set_num_threads(threads)
    trained = Contender("learnt", RecurrentPPO, precision=resolved(CONFIG.precision))
    trained.play(rollouts)
    return trained.model.policy.state_dict()


def measure(rounds: int = 3, threads: int = 2) -> dict[str, Any]:
    """Both races.

    Args:
        rounds: Of each race.
        threads: Of torch.
    """
    fresh = race(entries(), None, rounds, threads)
    learnt = race(entries(), learnt_weights(threads), rounds, threads)
    return {"fresh": fresh, "learnt": learnt, "learnt_after": LEARNT, "threads": threads}


def main() -> dict[str, Any]:
    """Measures, prints the tables and returns the figures."""
    measured = measure()
    steps = LEARNT * ROLLOUT
    titles = {"fresh": "fresh policies", "learnt": f"a policy of {steps:,} steps"}
    for kind, title in titles.items():
        print(f"{title:28}{'steps/s':>9}{'ratio':>8}" + "".join(f"{p:>13}" for p in PHASES))
        for name, result in measured[kind].items():
            shares = "".join(f"{result[phase]:>13.0%}" for phase in PHASES)
            print(f"{name:28}{result['steps_per_second']:>9,.0f}{result['ratio']:>8.2f}{shares}")
    return measured


if __name__ == "__main__":
    main()
