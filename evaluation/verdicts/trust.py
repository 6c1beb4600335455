"""Whether the detector was calibrated for a task, and passed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from evaluation.statistics.estimates import Estimate


class CalibrationStatus(NamedTuple):
    """Whether the detector may speak.

    Attributes:
        calibrated: Whether there is a calibration of this task and detector that passed.
        sentence: Its scores, or what is missing.
        devices: Device agent -> its SPL on the control levels, where that was measured.
    """

    calibrated: bool
    sentence: str
    devices: Mapping[str, Estimate] = MappingProxyType({})
