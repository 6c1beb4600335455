"""Steps and pixels per second and core, next to other environments that show pixels.

Run as ``python -m benchmarks.peers``. Peers that are not installed are named and passed over.
They fit beside the project's own packages; the tested versions are in ``benchmarks/peers.txt``:

    .venv/bin/pip install -r requirements.lock -r benchmarks/peers.txt

MiniWorld draws by OpenGL, in software here; Debian has what it needs in ``libegl1 libgl1
libglu1-mesa``. The others bring their own. None needs a display.

Each peer and ours run in processes of their own, bound to one and the same core, by turns; the
best of several turns counts for each. ViZDoom's engine is a further process on that core. A step
is an action with the observation that follows, random, with whatever starting anew costs; pixels
per second are steps per second times the pixels of an observation. Two rows for each peer:

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
from benchmarks.turns import Contender, one_core

OUR_ENVS, TURNS, SECONDS = 64, 5, 1.5
OUR_STEP = "4 ticks of walking, 0.2 s of the game"


@dataclass(frozen=True)
class Peer:
    """Another environment.

    Attributes:
        name: Of its package, and of its entry in the results.
        title: In the table.
        pixels: Height and width of its observation.
        step: What one step of it is.
        make: From a number of environments to a step.
        num_envs: How many of them one process steps together.
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
    Peer(
        "craftax",
        "Craftax-Classic-Pixels",
        (63, 63),
        "one move on a 2-D grid",
        contenders.craftax,
        num_envs=64,
    ),
    Peer("crafter", "Crafter", (64, 64), "one move on a 2-D grid", contenders.crafter),
)


def measure(peer: Peer) -> dict[str, dict[str, float]]:
    """Ours next to a peer, as trained and one of each.

    Returns:
        Per row both steps per second, and the ratios of steps and of pixels, ours to theirs.

    Raises:
        RuntimeError: If either cannot be made, or shows another number of pixels.
    """
    side = round(math.sqrt(math.prod(peer.pixels)))
    rows = {"as trained": (peer.num_envs, OUR_ENVS), "one": (1, 1)}
    makers: dict[tuple[str, int], tuple[Any, ...]] = {}
    for their_envs, our_envs in rows.values():
        makers["theirs", their_envs] = (peer.pixels, peer.make, their_envs)
        makers["ours", our_envs] = ((side, side), contenders.ours, our_envs, side)
    with one_core(), contextlib.ExitStack() as stack:
        running: dict[tuple[str, int], Contender] = {}
        for key, (pixels, *maker) in makers.items():
            running[key] = stack.enter_context(contextlib.closing(Contender(*maker)))
            shown = running[key].ready()
            if shown != pixels:
                raise RuntimeError(f"{key[0]} shows {shown} pixels, not {pixels}")
        for turn in range(TURNS + 1):
            for contender in running.values():
                contender.turn(SECONDS, counts=turn > 0)
    per_step = side * side / math.prod(peer.pixels)
    results = {}
    for row, (their_envs, our_envs) in rows.items():
        theirs = running["theirs", their_envs].steps_per_second
        us = running["ours", our_envs].steps_per_second
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
    """Measures whichever peers are installed; prints the table and returns the figures."""
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
