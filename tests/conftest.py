"""What every test runs under."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import torch
from playwright.sync_api import sync_playwright

from minecraft_tasks.backends.minerl.machine.home import Home, prepared
from tests.standin.process import Standin
from tests.support.chromium import PROGRAM, Chromium


@pytest.fixture(scope="session", autouse=True)
def logs_below_the_tests_own_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each `learn` without a logger makes a directory that nobody removes, in /tmp otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SB3_LOGDIR", str(tmp_path_factory.mktemp("sb3")))
        yield


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads that wait for each other are slow where tests run side by side."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """A browser, or a reason why there is none; CI insists on one."""
    if PROGRAM is None:
        if os.environ.get("FALSEBEACON_REQUIRE_BROWSER"):
            pytest.fail("no Chromium on this machine, and one is required")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        chromium = Chromium(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def minerl() -> Home:
    """The real client, as ``make minerl`` prepares it."""
    return prepared()


@pytest.fixture(scope="session")
def standin(minerl: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    """What the client talks to instead of Minecraft.

    It proves client, mission and protocol, not rendering, physics or block placement in Minecraft.
    """
    made = Standin(minerl.malmo / "Schemas", tmp_path_factory.mktemp("standin"))
    yield made
    made.stop()


@pytest.fixture(scope="session")
def standin_port(standin: Standin) -> int:
    """Port of the stand-in."""
    return standin.port
