"""What a session of training was made with: package versions and the source's revision."""

from __future__ import annotations

import platform
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from minecraft_tasks.core.records import Record

PACKAGES = (
    "falsebeacon",
    "torch",
    "numpy",
    "numba",
    "gymnasium",
    "stable-baselines3",
    "sb3-contrib",
)


class Git(Record):
    """The source that a run was made with.

    Attributes:
        revision: Of the commit; None where the source is in no repository.
        dirty: Whether files but the tables in `ease/` differed from it, or were new; None likewise.
    """

    revision: str | None = None
    dirty: bool | None = None


class Session(Record):
    """One stretch of training, from a start or a resume on.

    Attributes:
        started: UTC, ISO 8601.
        steps: That the run had.
        until: That it was to reach.
        versions: Of Python and of the packages that decide results.
        git: Revision of the source.
    """

    started: str
    steps: int
    until: int
    versions: dict[str, str]
    git: Git

    def differences(self, before: Session) -> list[str]:
        """What could make it compute otherwise than the session before, in words."""
        names = sorted(self.versions.keys() | before.versions.keys())
        changed = [(name, before.versions.get(name), self.versions.get(name)) for name in names]
        changed.append(("source", before.git.revision, self.git.revision))
        return [f"{name} was {was}, and is {now} now" for name, was, now in changed if was != now]


def package_versions() -> dict[str, str]:
    """Versions of Python and of `PACKAGES`; a package that is not installed is left out."""
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def git_state() -> Git:
    """Revision and cleanliness of the source tree, None where it is in no repository."""
    root = Path(__file__).resolve().parents[2]

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
        return result.stdout.strip()

    try:
        # An installed copy may lie inside a repository of something else.
        git("ls-files", "--error-unmatch", __file__)
        # A table of ease is a result: that it was just written changes no source.
        changed = git("status", "--porcelain", "--", ".", ":(exclude)evaluation/ease/tables")
        return Git(revision=git("rev-parse", "HEAD"), dirty=bool(changed))
    except (OSError, subprocess.SubprocessError):
        return Git()


def new_session(steps: int, until: int) -> Session:
    """A session that starts now.

    Args:
        steps: That the run has.
        until: That it is to reach.
    """
    return Session(
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        steps=steps,
        until=until,
        versions=package_versions(),
        git=git_state(),
    )
