"""Wrappers of observations."""

from __future__ import annotations

BLANK = 127
"""Every byte of the one frame that a blind agent sees."""
