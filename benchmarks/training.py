"""Training steps per second: our RecurrentPPO next to the stock class, in one run.

Same network, hyperparameters and environments (BeaconShrine's training levels); rollout and
update both count. Run as ``python -m benchmarks.training``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch

from minecraft_tasks.tasks import task
from policies.architecture import Architecture, policy_class
from policies.config import make_config, native_bf16
from policies.network import policy_kwargs
from policies.recurrent_ppo import RecurrentPPO, StockRecurrentPPO
from policies.training import make_env
from wrappers.sb3 import SB3VecEnv

CONFIG = make_config(task="BeaconShrine", layouts=256)
PHASES: tuple[str, ...] = ("environment", "acting", "update")


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
        self.model.learn(rollouts * CONFIG.rollout_steps, reset_num_timesteps=fresh)

    def result(self, rollouts: int) -> dict[str, float]:
        """Steps per second, and each phase's share of the time."""
        parts = dict(self.seconds)
        parts["acting"] -= parts["environment"]
        total = sum(parts.values())
        shares = {phase: parts[phase] / total for phase in PHASES}
        return {"steps_per_second": rollouts * CONFIG.rollout_steps / total, **shares}


def measure(rounds: int = 3, threads: int = 2) -> dict[str, Any]:
    """Trains both by turns, so that a machine that slows down slows both.

    Args:
        rounds: Rollouts with update of each class, after one that is not counted.
        threads: Of torch.

    Returns:
        Per class steps per second and the share of each phase, and the ratios to stock.
    """
    torch.set_num_threads(threads)
    contenders = [
        Contender("stock", StockRecurrentPPO),
        Contender("ours, float32", RecurrentPPO, precision="float32"),
    ]
    if native_bf16():
        contenders.append(Contender("ours, bf16", RecurrentPPO, precision="bf16"))
    for round_number in range(rounds + 1):
        for contender in contenders:
            if round_number == 1:
                contender.seconds = dict.fromkeys(PHASES, 0.0)
            contender.play(1)
    results: dict[str, Any] = {each.name: each.result(rounds) for each in contenders}
    stock = results["stock"]["steps_per_second"]
    ratios = {
        name: result["steps_per_second"] / stock
        for name, result in results.items()
        if name != "stock"
    }
    return {"training": results, "ratio_to_stock": ratios, "threads": threads}


def main() -> dict[str, Any]:
    """Measures, prints the table and returns the figures."""
    measured = measure()
    print(f"{'':16}{'steps/s':>9}{'ratio':>8}" + "".join(f"{phase:>13}" for phase in PHASES))
    for name, result in measured["training"].items():
        ratio = measured["ratio_to_stock"].get(name, 1.0)
        shares = "".join(f"{result[phase]:>13.0%}" for phase in PHASES)
        print(f"{name:16}{result['steps_per_second']:>9,.0f}{ratio:>8.1f}{shares}")
    return measured


if __name__ == "__main__":
    main()
