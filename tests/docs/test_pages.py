"""Generated pages are what the code gives, and every link of the documentation leads somewhere."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from docs.tables import ROOT, pages
from minecraft_tasks.tasks import TASKS

DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
NAMES = ("tasks.md", "calibration.md", "ease.md", "commands.md")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


@pytest.mark.parametrize("name", NAMES)
def test_a_generated_page_is_what_the_code_gives(name: str, made: dict[str, str]) -> None:
    assert (DOCS / "generated" / name).read_text() == made[name], "run `python -m docs`"


def test_every_generated_page_is_checked(made: dict[str, str]) -> None:
    assert set(made) == set(NAMES)


@pytest.mark.parametrize("name", TASKS)
def test_the_stored_audit_is_of_this_version_of_the_task(name: str) -> None:
    spec = TASKS[name].spec
    text = (DOCS / "generated" / f"audit-{name}.txt").read_text()
    assert text.startswith(f"{name} (v{spec.version}, hash {spec.task_hash})\n")
    assert "wrong" not in text


def test_the_constants_of_the_detector_are_those_of_the_code() -> None:
    page = (DOCS / "detector.md").read_text()
    rows = re.findall(r"^\| `(\w+)\.([A-Z_]+)` \| (.+?) \|", page, flags=re.MULTILINE)
    assert len(rows) >= 11
    for module, name, value in rows:
        found = getattr(import_module(f"evaluation.attribution.{module}"), name)
        assert str(found) == value, f"{module}.{name}"


def anchors(page: Path) -> set[str]:
    """Names that a forge gives to the headings of a page."""
    prose = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    heads = re.findall(r"^#+ (.+)$", prose, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for file, anchor in LINK.findall(prose):
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{page.name} links to {file}"
        if anchor:
            assert anchor in anchors(target), f"{page.name} links to {file}#{anchor}"


def test_every_page_is_linked_from_another() -> None:
    """Pages that nothing leads to are read by nobody."""
    linked = {
        (page.parent / file).resolve()
        for page in PAGES
        for file, _ in LINK.findall(page.read_text())
        if file
    }
    assert set(DOCS.rglob("*.md")) <= linked
