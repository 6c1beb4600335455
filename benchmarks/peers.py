"""Steps and pixels per second and core, next to other environments that show pixels.

Run as ``python -m benchmarks.peers``. Peers that are not installed are skipped and named. They fit
beside the project's own packages; the tested versions are in ``benchmarks/peers.txt``:

    .venv/bin/pip install -r requirements.lock -r benchmarks/peers.txt

MiniWorld draws by OpenGL, in software here; Debian has what it needs in ``libegl1 libgl1
libglu1-mesa``. The others bring their own. None needs a display.

Each peer and ours run in processes of their own, bound to one and the same core, by turns; the
best of several turns counts for each. ViZDoom's engine is a further process on that core. A step
is a random action with its observation, resets included; pixels per second are steps per second
times the pixels of an observation. Two rows for each peer:

- *as trained*: as many environments as one process of it steps together (Craftax 64, the others
  1), next to 64 of ours;
- *one*: one environment of each, ours from ``gymnasium.make``.
"""

from __future__ import annotations

import contextlib
import importlib.util
import math
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from benchmarks import contenders
from benchmarks.contenders import Step
from benchmarks.turns import Child, one_core, stepping

OUR_ENVS, TURNS, SECONDS = 64, 5, 1.5
OUR_STEP, GRID_STEP = "4 ticks of walking, 0.2 s of the game", "one move on a 2-D grid"


@dataclass(frozen=True)
class Peer:
    """Another environment.

    Attributes:
        name: Name of its package and of its entry in the results.
        title: Name in the table.
        pixels: Height and width of its observation.
        step: One step of it, in words.
        make: From a number of environments to a step.
        num_envs: Environments that one process steps together.
    """

    name: str
    title: str
    pixels: tuple[int, int]
    step: str
    make: Callable[[int], Step]
    num_envs: int = 1


PEERS = (
    Peer("vizdoom", "ViZDoom", (120, 160), "1 tic, 1/35 s, none skipped", contenders.vizdoom),
    Peer("miniworld", "MiniWorld", (64, 64), "one move or turn", contenders.miniworld),
    Peer("craftax", "Craftax-Classic-Pixels", (63, 63), GRID_STEP, contenders.craftax, num_envs=64),
    Peer("crafter", "Crafter", (64, 64), GRID_STEP, contenders.crafter),
)


def measure(peer: Peer) -> dict[str, dict[str, float]]:
    """Ours next to a peer, as trained and one of each.

    Returns:
        Per row both steps per second, and the ratios of steps and of pixels, ours to theirs.

    Raises:
        RuntimeError: If either cannot be made, or has another observation size.
    """
    side = round(math.sqrt(math.prod(peer.pixels)))
    rows = {"as trained": (peer.num_envs, OUR_ENVS), "one": (1, 1)}
    makers: dict[tuple[str, int], tuple[Any, ...]] = {}
    for their_envs, our_envs in rows.values():
        makers["theirs", their_envs] = (peer.pixels, peer.make, their_envs)
        makers["ours", our_envs] = ((side, side), contenders.ours, our_envs, side)
    best = dict.fromkeys(makers, 0.0)
    with one_core(), contextlib.ExitStack() as stack:
        children: dict[tuple[str, int], Child] = {}
        for key, (pixels, make, *arguments) in makers.items():
            child = Child(make.__name__, stepping, make, *arguments)
            children[key] = stack.enter_context(contextlib.closing(child))
            shown = child.answer()
            if shown != pixels:
                raise RuntimeError(f"{key[0]} shows {shown} pixels, not {pixels}")
        for turn in range(TURNS + 1):
            for key, child in children.items():
                rate = child.turn(SECONDS) * key[1]
                if turn > 0:
                    best[key] = max(best[key], rate)
    per_step = side * side / math.prod(peer.pixels)
    results = {}
    for row, (their_envs, our_envs) in rows.items():
        theirs, us = best["theirs", their_envs], best["ours", our_envs]
        results[row] = {
            "peer_envs": their_envs,
            "our_envs": our_envs,
            "peer_steps_per_second": theirs,
            "our_steps_per_second": us,
            "ratio_steps": us / theirs,
            "ratio_pixels": us / theirs * per_step,
        }
    return results


def _print(peer: Peer, release: str, rows: dict[str, dict[str, float]]) -> None:
    side = round(math.sqrt(math.prod(peer.pixels)))
    height, width = peer.pixels
    for row, result in rows.items():
        print(
            f"{peer.title + ' ' + release:30}{row:12}"
            f"{result['peer_envs']:>3} : {result['our_envs']:<3}"
            f"{f'{width}x{height} : {side}x{side}':>19}"
            f"{result['peer_steps_per_second']:>10,.0f}{result['our_steps_per_second']:>10,.0f}"
            f"{result['ratio_steps']:>9.2f}{result['ratio_pixels']:>10.2f}",
            flush=True,
        )


def main() -> dict[str, Any]:
    """Measures the installed peers, prints the table and returns the figures."""
    results: dict[str, Any] = {}
    behind: list[str] = []
    print(
        f"{'':42}{'envs':>7}{'pixels':>19}"
        f"{'theirs/s':>12}{'ours/s':>10}{'steps x':>9}{'pixels x':>10}"
    )
    for peer in PEERS:
        if importlib.util.find_spec(peer.name) is None:
            print(f"{peer.title}: not installed: pip install {peer.name}", flush=True)
            continue
        try:
            rows = measure(peer)
        except RuntimeError as error:
            print(f"{peer.title}: installed, but it was not measured: {error}", flush=True)
            continue
        results[peer.name] = {"version": version(peer.name), "step": peer.step, "rows": rows}
        _print(peer, version(peer.name), rows)
        behind += [
            f"{peer.title}, {row}"
            for row, result in rows.items()
            if min(result["ratio_steps"], result["ratio_pixels"]) < 1
        ]
    if results:
        steps = "; ".join(f"{peer.title} {peer.step}" for peer in PEERS if peer.name in results)
        print(f"a step: ours {OUR_STEP}; {steps}")
        print(f"behind in: {'; '.join(behind)}" if behind else "ahead everywhere")
    return results


if __name__ == "__main__":
    main()
