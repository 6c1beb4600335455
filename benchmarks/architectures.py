"""Training steps per second of every architecture next to the CNN-LSTM, in one run.

Same hyperparameters and environments (BeaconShrine's training levels), in the precision that
training takes on this machine. Run as ``python -m benchmarks.architectures``.
"""

from __future__ import annotations

from typing import Any, get_args

from benchmarks.training import CONFIG, race, table
from policies.networks.step import resolved
from policies.ppo.recurrent_ppo import RecurrentPPO
from policies.runs.config import Architecture


def main(rounds: int = 3, threads: int = 2) -> dict[str, Any]:
    """Measures, prints the table and returns the figures; ratios are to the CNN-LSTM."""
    precision = resolved(CONFIG.precision)
    entries = {
        name: (RecurrentPPO, {"architecture": name, "precision": precision})
        for name in get_args(Architecture)
    }
    results = race(entries, None, rounds, threads)
    table(precision, results)
    return {"architectures": results, "precision": precision, "threads": threads}


if __name__ == "__main__":
    main()
