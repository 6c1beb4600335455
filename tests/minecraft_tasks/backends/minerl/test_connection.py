"""The link to a worker process, with workers that do not keep to it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from minecraft_tasks.backends.minerl import connection
from minecraft_tasks.backends.minerl.connection import Connection, Trouble
from minecraft_tasks.backends.minerl.machine.home import Home

HALF_AN_ANSWER = """#!{python}
import os, struct, sys, time
from multiprocessing.connection import Connection
link = Connection(int(sys.argv[sys.argv.index("--link") + 1]))
link.send({{}})
link.recv()
os.write(link.fileno(), struct.pack("!i", 1000) + b"not a thousand bytes")
while True:
    time.sleep(60)
"""


def test_a_worker_that_stops_amid_an_answer_does_not_block_its_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PART_SECONDS", 1)
    home = Home(tmp_path)
    home.python.parent.mkdir(parents=True)
    home.python.write_text(HALF_AN_ANSWER.format(python=sys.executable))
    home.python.chmod(0o755)
    link = Connection(home, "Minecraft 1")
    try:
        with pytest.raises(Trouble, match=r"Minecraft 1 stopped amid its answer to step"):
            link.ask({"op": "step"}, seconds=60)
    finally:
        link.kill()
