"""One colour for each candidate, the same in every figure, plan and clip.

The colours are Okabe and Ito's, told apart with every common kind of colour blindness.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.records.episodes import NEITHER

BLUE, VERMILLION = "#0072b2", "#d55e00"
OKABE_ITO = ("#e69f00", BLUE, VERMILLION, "#009e73", "#cc79a7", "#56b4e9")
GREY = "#8a8a8a"


def candidate_colours(names: Sequence[str]) -> dict[str, str]:
    """Hexadecimal colours by candidate, and grey for "neither"."""
    colours = {name: OKABE_ITO[index % len(OKABE_ITO)] for index, name in enumerate(names)}
    return {**colours, NEITHER: GREY}


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of a hexadecimal colour."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
