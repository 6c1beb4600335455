"""``python -m tests.standin``: the handshake that MineRL's launcher waits for, then the server.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from pathlib import Path

from tests.standin import suffering
from tests.standin.faults import Faults
from tests.standin.log import Log
from tests.standin.server import Server
from tests.standin.view import warm


def main(arguments: Sequence[str] | None = None) -> None:
    """Starts the stand-in and serves for ever."""
    options = _parser().parse_args(arguments)
    log, faults = Log(options.log), Faults(options.faults)
    suffering.before(faults.take("launch", 1), log)
    warm()
    port = _port(options.config) if options.config else options.port
    server = Server(port, options.schemas, faults, log, leave=os._exit)
    log(f"***** Start MalmoEnvServer on port {server.port}")
    log("CLIENT enter state: DORMANT")
    server.serve()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.standin", description=__doc__)
    parser.add_argument("--schemas", type=Path, required=True, help="Malmo's folder of schemas")
    parser.add_argument("--port", type=int, default=0, help="0 for any that is free")
    parser.add_argument("--config", type=Path, help="malmomodCLIENT.cfg, which names the port")
    parser.add_argument("--log", type=Path, help="file that all output is added to")
    parser.add_argument("--faults", type=Path, help="file of faults, one on each line")
    return parser


def _port(config: Path) -> int:
    """Port that `launchClient.sh` has written into Forge's configuration."""
    match = re.search(r"I:portOverride=(\d+)", config.read_text())
    if match is None:
        raise SystemExit(f"{config} names no port: a line I:portOverride=N is missing")
    return int(match[1])


if __name__ == "__main__":
    main()
