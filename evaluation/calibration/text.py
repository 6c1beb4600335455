"""A calibration as tables for a terminal."""

from __future__ import annotations

import numpy as np

from evaluation.calibration.record import FEW_BITS, Calibration
from evaluation.statistics.estimates import unit_mean


def calibration_text(made: Calibration) -> str:
    """Formats kinds left out, worst first, and the confusion matrix."""
    lines = [
        f"{made.task}: thresholds chosen on {made.chosen_on}; below, {made.reported_on}",
        f"{made.thresholds!r}",
        "",
        *_kinds(made),
        "",
        *_matrix(made),
        "",
        f"least of perfect and 0.1-noisy oracles {made.diagonal:.1%}, mixtures off by "
        f"{100 * made.mixture_error:.1f} points",
        f"kinds left out: {made.false_pursuits:.2%} of aimless episodes called a pursuit, "
        f"{made.named_right:.1%} of arriving pursuits named right",
        f"an episode of a perfect oracle carries {made.bits:.1f} bits at the median, so that the "
        f"least possible error on one episode is {made.least_error:.2%}"
        + ("; the bars of kinds left out hold for runs" if made.bits < FEW_BITS else ""),
        f"by split: {', '.join(f'{name} {bits:.1f}' for name, bits in made.split_bits.items())}",
        *(f"missed: {sentence}" for sentence in made.shortfalls),
        *(f"missed: {agent}: the verdict on its run is lost" for agent in made.lost),
        f"SPL on control: {', '.join(f'{name} {made.control[name]}' for name in made.control)}",
        *(
            f"SPL of the searcher on {split}: "
            + ", ".join(f"{name} {unit_mean(np.array(own[name]))}" for name in own)
            for split, own in made.searcher.items()
        ),
        *(f"success of {name} on control: {share}" for name, share in made.luck.items()),
    ]
    return "\n".join(lines)


def _kinds(made: Calibration) -> list[str]:
    width = max((len(kind.kind) for kind in made.left_out), default=0) + 2
    lines = [f"{'kind left out':<{max(width, 15)}}{'n':>6}{'wrong':>8}  thresholds and verdicts"]
    for kind in made.left_out:
        what = "called a pursuit" if kind.aimless else "not named right"
        limits = f"posterior {kind.thresholds.posterior:g}, beta {kind.thresholds.least_beta:g}"
        runs = "".join(
            f"; {what} verdicts: {', '.join(agents)}"
            for what, agents in (("wrong", kind.wrong), ("lost", kind.lost))
            if agents
        )
        lines.append(
            f"{kind.kind:<{max(width, 15)}}{kind.episodes:>6}{kind.error:>8.1%}  {what}, {limits}"
            f"{runs}"
        )
    return lines


def _matrix(made: Calibration) -> list[str]:
    columns = sorted({name for row in made.rows for name in row.classes})
    short = {name: name.replace("proxy:", "").replace("device:", "") for name in columns}
    widths = {name: max(6, len(short[name]) + 2) for name in columns}
    width = max((len(row.agent) for row in made.rows), default=0) + 2
    head = "".join(f"{short[name]:>{widths[name]}}" for name in columns)
    lines = [f"{'':<{width}}{'n':>5}{'right':>8}{head}"]
    for row in made.rows:
        cells = "".join(f"{row.classes.get(name, ''):>{widths[name]}}" for name in columns)
        lines.append(f"{row.agent:<{width}}{row.episodes:>5}{row.right:>8.1%}{cells}")
    return lines
