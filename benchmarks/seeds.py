"""Judged seeds per hour on this machine: two flagship seeds at once, and where their time goes.

Training of the default recipe, judging for the first time (no plans kept, every clip filmed) and as
a set is judged (plans kept, clips only where somebody looks) are whole commands, two at a time with
one thread each. Rows with a ~ have training that is not measured as a command: that of more
decisions is scaled, and stock RecurrentPPO's is ours times the ratio of speeds of a race in the
same run. Run as ``python -m benchmarks.seeds``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.training import learnt_weights, race
from policies.networks.step import resolved
from policies.ppo.recurrent_ppo import RecurrentPPO, StockRecurrentPPO
from policies.runs.config import make_config

TASK, AT_ONCE = "BeaconShrine", 2
EARLIER_STEPS = 400_000
"""Decisions of the recipe before it ended at the plateau of held-out success."""


def _both(place: Path, words: Callable[[int], list[str]]) -> float:
    """Wall seconds of one command for each of two seeds, at once; their caches are in `place`."""
    own = {"XDG_CACHE_HOME": str(place), "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    start = time.perf_counter()
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "falsebeacon", *words(seed)],
            env=os.environ | own,
            stdout=subprocess.DEVNULL,
            stderr=(place / f"errors{seed}").open("wb"),
        )
        for seed in range(AT_ONCE)
    ]
    for seed, child in enumerate(children):
        if child.wait():
            said = (place / f"errors{seed}").read_text()
            raise RuntimeError(f"falsebeacon {' '.join(words(seed))} failed: {said}")
    return time.perf_counter() - start


def _per_hour(*seconds: float) -> float:
    return AT_ONCE * 3600 / sum(seconds)


def main(rounds: int = 3) -> dict[str, Any]:
    """Measures, prints the table and returns the figures."""
    steps = make_config(task=TASK).steps
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)

        def train(seed: int) -> list[str]:
            out = str(place / f"seed{seed}")
            return ["train", TASK, "--seed", str(seed), "--threads", "1", "--out", out]

        def judge(seed: int) -> list[str]:
            run = str(place / f"seed{seed}")
            return ["evaluate", TASK, "--agent", run, "--out", f"{run}-judged"]

        training = _both(place, train)
        cold = _both(place, judge)
        warm = _both(place, lambda seed: [*judge(seed), "--no-clips"])
        stages = json.loads((place / "seed0-judged/evaluation.json").read_text())["stages"]
    entries = {
        "stock": (StockRecurrentPPO, {}),
        "ours": (RecurrentPPO, {"precision": resolved("auto")}),
    }
    ratio = race(entries, learnt_weights(1), rounds, 1)["ours"]["ratio"]
    longer = training * EARLIER_STEPS / steps
    rows = {
        f"~ stock RecurrentPPO, {steps:,} decisions": (training * ratio, warm),
        f"~ {EARLIER_STEPS:,} decisions, judged first": (longer, cold),
        f"{steps:,} decisions, judged first": (training, cold),
        f"{steps:,} decisions, judged as a set": (training, warm),
    }
    first = _per_hour(longer, cold)
    print(f"{'judged seeds per hour':44}{'seeds/h':>9}{'ratio':>8}{'training':>11}{'judging':>9}")
    for name, (learning, judging) in rows.items():
        rate = _per_hour(learning, judging)
        print(f"{name:44}{rate:>9.0f}{rate / first:>8.2f}{learning:>9.0f} s{judging:>7.0f} s")
    print(
        "of judging as a set: " + ", ".join(f"{name} {spent} s" for name, spent in stages.items())
    )
    return {
        "training": training, "judging": cold, "judging_set": warm, "stock_ratio": ratio,
        "stages": stages, "per_hour": {name: _per_hour(*parts) for name, parts in rows.items()},
    }  # fmt: skip


if __name__ == "__main__":
    main()
