"""Training steps per second of every architecture next to the CNN-LSTM, in one run.

Same hyperparameters and environments (BeaconShrine's training levels), in the precision that
training takes on this machine. Run as ``python -m benchmarks.architectures``.
"""

from __future__ import annotations

from typing import Any, get_args

import torch

from benchmarks.training import CONFIG, PHASES, Contender
from policies.networks.step import resolved
from policies.ppo.recurrent_ppo import RecurrentPPO
from policies.runs.config import Architecture

DEFAULT = "cnn-lstm"


def measure(rounds: int = 3, threads: int = 2) -> dict[str, Any]:
    """Trains all by turns, so that a machine that slows down slows each.

    Args:
        rounds: Rollouts with update of each, after one that is not counted.
        threads: Of torch.

    Returns:
        Per architecture steps per second and the share of each phase, ratios to the CNN-LSTM
        and numbers of weights.
    """
    torch.set_num_threads(threads)
    precision = resolved(CONFIG.precision)
    contenders = [
        Contender(name, RecurrentPPO, name, precision=precision) for name in get_args(Architecture)
    ]
    for round_number in range(rounds + 1):
        for contender in contenders:
            if round_number == 1:
                contender.seconds = dict.fromkeys(PHASES, 0.0)
            contender.play(1)
    results = {each.name: each.result(rounds) for each in contenders}
    default = results[DEFAULT]["steps_per_second"]
    return {
        "architectures": results,
        "ratio_to_cnn_lstm": {
            name: result["steps_per_second"] / default for name, result in results.items()
        },
        "weights": {
            each.name: sum(part.numel() for part in each.model.policy.parameters())
            for each in contenders
        },
        "precision": precision,
        "threads": threads,
    }


def main() -> dict[str, Any]:
    """Measures, prints the table and returns the figures."""
    measured = measure()
    heads = "".join(f"{phase:>13}" for phase in PHASES)
    print(f"{measured['precision']:16}{'steps/s':>9}{'ratio':>8}{heads}{'weights':>13}")
    for name, result in measured["architectures"].items():
        shares = "".join(f"{result[phase]:>13.0%}" for phase in PHASES)
        print(
            f"{name:16}{result['steps_per_second']:>9,.0f}"
            f"{measured['ratio_to_cnn_lstm'][name]:>8.2f}{shares}{measured['weights'][name]:>13,}"
        )
    return measured


if __name__ == "__main__":
    main()
