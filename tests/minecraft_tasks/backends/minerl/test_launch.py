"""Minecrafts that are started, lost, killed and started anew by MineRL's own launch code.

`launchClient.sh` starts the stand-in where it would start Java: this proves client, mission and
protocol, not rendering, physics or block placement in Minecraft.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from minecraft_tasks.backends.minerl.backend import MineRLBackend
from minecraft_tasks.backends.minerl.machine.home import HOME_VARIABLE, Home
from minecraft_tasks.backends.minerl.machine.leftovers import PREFIX
from minecraft_tasks.backends.minerl.machine.ports import HeldPort
from minecraft_tasks.backends.minerl.worker.processes import MARK, marked
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.infos import broken_slots, played
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from tests.standin.faults import ask_for
from tests.support.children import ROOT, environment
from tests.support.minecrafts import program
from tests.support.waiting import wait_for

TASK = task("HiddenGoal")
FORWARD = 0
FIRST_PORT = 10_000 + os.getpid() % 1000 * 20
"""Of this process alone: below those that the system gives away, and not its neighbours'."""

PATIENT = MineRLSettings(
    first_port=FIRST_PORT, launch_seconds=120, reset_seconds=120, step_seconds=120, attempts=5
)
"""Waits that no sound answer outlasts, however busy the machine is."""

Make = Callable[..., MinecraftTaskVectorEnv]


@pytest.fixture(scope="module")
def bank() -> LevelBank:
    return locked_bank(TASK, ("heldout",), 3)


@pytest.fixture(scope="module")
def built(minerl: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The real client with a file in place of the jar that nobody can build here."""
    made = Home(tmp_path_factory.mktemp("home"))
    (made.root / "venv").symlink_to(minerl.root / "venv")
    shutil.copytree(minerl.sdist, made.sdist, copy_function=os.symlink)
    made.jar.parent.mkdir(parents=True)
    made.jar.touch()
    made.ready.touch()
    return made


@pytest.fixture
def faults(built: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in's faults; with it a `java` that starts the stand-in, and folders to watch."""
    file, temporary = tmp_path / "faults", tmp_path / "t"
    temporary.mkdir()
    program(
        tmp_path / "bin" / "java",
        f'export PYTHONPATH="{ROOT}" OMP_NUM_THREADS=1\n'
        f'exec "{sys.executable}" -m tests.standin --config config/malmomodCLIENT.cfg'
        f' --schemas "{built.malmo / "Schemas"}" --faults "{file}"',
    )
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv(HOME_VARIABLE, str(built.root))
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    for name in ("MINERL_HEADLESS", "MINERL_FORCE_BUILD"):
        monkeypatch.delenv(name, raising=False)
    return file


@pytest.fixture
def make(bank: LevelBank, faults: Path) -> Iterator[Make]:
    made: list[MinecraftTaskVectorEnv] = []

    def build(settings: MineRLSettings = PATIENT) -> MinecraftTaskVectorEnv:
        env = MinecraftTaskVectorEnv(
            TASK, bank, settings.slots, order="sequential", backend="minerl", settings=settings
        )
        made.append(env)
        return env

    yield build
    for env in made:
        env.close()


def forward(env: MinecraftTaskVectorEnv) -> dict:
    return env.step(np.full(env.num_envs, FORWARD))[-1]


def folders(faults: Path) -> list[Path]:
    return sorted((faults.parent / "t").glob(f"{PREFIX}*"))


def games(faults: Path) -> list[int]:
    """Process ids of the stand-ins that run."""
    found = []
    for folder in folders(faults):
        for pid in marked(folder):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            found += [pid] if b"tests.standin" in words else []
    return sorted(found)


def ports(faults: Path) -> set[int]:
    """Ports that the Minecrafts were told to listen on."""
    return {
        int(line.split("=")[1])
        for folder in folders(faults)
        for file in folder.rglob("malmomodCLIENT.cfg")
        for line in file.read_text().splitlines()
        if "portOverride" in line
    }


def everything(faults: Path) -> set[int]:
    return {pid for folder in folders(faults) for pid in marked(folder)}


def wait_until_gone(pids: set[int]) -> None:
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), f"the end of {pids}")


def test_two_are_started_on_ports_of_their_own_and_leave_nothing(
    make: Make, faults: Path, bank: LevelBank
) -> None:
    taken = HeldPort(FIRST_PORT)
    env = make(PATIENT.model_copy(update={"workers": 2}))
    env.reset()
    taken.release()
    assert isinstance(env.backend, MineRLBackend)
    assert broken_slots(played(forward(env))) == {}
    np.testing.assert_array_equal(env.level, [0, 1])
    started, pids = games(faults), everything(faults)
    assert len(ports(faults)) == len(started) == 2
    assert taken.number not in ports(faults)
    options = next(folders(faults)[0].rglob("run/options.txt")).read_text().splitlines()
    assert {"fov:0.0", "renderClouds:false", "bobView:false"} <= set(options)
    env.close()
    wait_until_gone(pids)
    assert folders(faults) == []


@pytest.mark.parametrize("fault", ["exit@launch", "hang@launch"])
def test_one_that_does_not_start_is_started_again(make: Make, faults: Path, fault: str) -> None:
    ask_for(faults, fault)
    env = make(PATIENT.model_copy(update={"launch_seconds": 20.0}))
    env.reset()
    assert broken_slots(played(forward(env))) == {}
    assert len(games(faults)) == 1
    assert faults.read_text() == ""


def test_one_that_hangs_is_killed_and_the_level_is_played_in_another(
    make: Make, faults: Path
) -> None:
    env = make(PATIENT.model_copy(update={"step_seconds": 2.0}))
    first, _ = env.reset()
    (hanging,) = games(faults)
    ask_for(faults, "hang@step")
    frames, reward, _, truncated, info = env.step(np.array([FORWARD]))
    assert "gave no answer to act in 2 s" in broken_slots(played(info))[0]
    assert (reward[0], truncated[0], env.level[0], env.elapsed[0]) == (0.0, True, 0, 0)
    np.testing.assert_array_equal(frames, first)
    (another,) = games(faults)
    assert another != hanging
    wait_until_gone({hanging})


def test_one_that_is_killed_is_replaced(make: Make, faults: Path) -> None:
    env = make()
    env.reset()
    os.kill(games(faults)[0], signal.SIGKILL)
    assert broken_slots(played(env.step(np.array([FORWARD]))[-1]))
    assert broken_slots(played(forward(env))) == {}
    assert env.backend.restarts == 1  # type: ignore[attr-defined]


def test_those_that_have_shown_enough_levels_are_started_anew(make: Make, faults: Path) -> None:
    env = make(PATIENT.model_copy(update={"restart_every": 2, "workers": 2}))
    seen, held = [], []
    for _ in range(3):
        env.reset(options={"levels": [0, 1]})
        seen.append(games(faults))
        held.append(ports(faults))
        assert broken_slots(played(forward(env))) == {}
    assert [len(pids) for pids in seen] == [2, 2, 2]
    assert seen[0] == seen[1]
    assert not {*seen[1]} & {*seen[2]}
    wait_until_gone({*seen[0]})
    assert held == [held[0]] * 3
    assert len(held[0]) == 2
    assert env.backend.restarts == 0  # type: ignore[attr-defined]


PLAYER = """
import numpy as np
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.vector import MinecraftTaskVectorEnv
hidden = task("HiddenGoal")
settings = MineRLSettings(first_port={port})
env = MinecraftTaskVectorEnv(
    hidden, locked_bank(hidden, ("heldout",), 1), 1, backend="minerl", settings=settings)
env.reset()
print("playing", flush=True)
input()
env.step(np.zeros(1, np.int64))
input()
"""


@pytest.fixture
def player(faults: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that plays a level; it takes a step when it is sent a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", PLAYER.format(port=FIRST_PORT)],
        env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "playing\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("amid_a_request", [False, True], ids=["idle", "amid a request"])
def test_a_player_that_is_killed_takes_its_minecraft_along(
    player: subprocess.Popen[str], faults: Path, amid_a_request: bool
) -> None:
    if amid_a_request:
        # Asked for the step, the game never answers: its worker waits for it.
        ask_for(faults, "hang@step")
        assert player.stdin is not None
        player.stdin.write("\n")
        player.stdin.flush()
        wait_for(lambda: not faults.read_text(), "the step that hangs", player)
    pids = everything(faults)
    assert len(games(faults)) == 1
    player.kill()
    player.wait()
    wait_until_gone(pids)
    wait_for(lambda: not folders(faults), "the removal of the worker's folder")


def test_what_is_left_where_worker_and_owner_were_killed_is_swept_by_the_next(
    player: subprocess.Popen[str], faults: Path, make: Make
) -> None:
    pids, (left,) = everything(faults), games(faults)
    workers = {
        pid for pid in pids if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    }
    assert len(workers) == 1
    # Stopped first, so that it cannot notice that its owner is gone.
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    player.kill()
    player.wait()
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    assert Path(f"/proc/{left}").exists()
    assert MARK.encode() in Path(f"/proc/{left}/environ").read_bytes()
    make()
    wait_until_gone(pids)
    assert folders(faults) == []


HOLDER = """
import sys
from minecraft_tasks.backends.minerl.machine.ports import HeldPort
port = HeldPort({port})
print(port.number, flush=True)
sys.stdin.read()
"""


def test_processes_that_start_at_once_get_ports_of_their_own(faults: Path) -> None:
    command = [sys.executable, "-c", HOLDER.format(port=FIRST_PORT)]
    holders = [
        subprocess.Popen(
            command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    held = {int(holder.stdout.readline()) for holder in holders if holder.stdout}
    assert len(held) == 4
    # Held whether something listens there or not, until its holder is gone.
    with pytest.raises(FalseBeaconError, match="is in use: two agents"):
        HeldPort(min(held), running=True)
    for holder in holders:
        holder.communicate("")
    for port in held:
        HeldPort(port, running=True).release()
