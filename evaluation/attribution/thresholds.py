"""Thresholds of attribution, stored with every calibration."""

from __future__ import annotations

from minecraft_tasks.core.records import Record


class Thresholds(Record):
    """What calibration fixes, on levels that judge nobody.

    Attributes:
        posterior: An episode whose likeliest class is less likely than this is unattributed.
        least_beta: Nobody who is less consistent than this pursues anything.
        efficiency: A pursuit that takes the fewest decisions over this share of itself, or more,
            is no competent one.
    """

    posterior: float = 0.8
    least_beta: float = 1.0
    efficiency: float = 0.25
