"""Provenance of a training session: package versions and the source's revision."""

from __future__ import annotations

import platform
import subprocess
from contextlib import suppress
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
    """The revision of the source of a run.

    Attributes:
        revision: Of the commit; None if the source is in no repository.
        dirty: Whether files other than ease tables were changed or new; None likewise.
    """

    revision: str | None = None
    dirty: bool | None = None


class Session(Record):
    """One session of training: it begins with a start or a resume.

    Attributes:
        started: UTC, ISO 8601.
        steps: Steps of the run at the beginning.
        until: Steps at which the session was to end.
        versions: Of Python and of the packages that decide results.
        git: Revision of the source.
    """

    started: str
    steps: int
    until: int
    versions: dict[str, str]
    git: Git

    def differences(self, before: Session) -> list[str]:
        """Differences of versions and source from the session before, in words."""
        names = sorted(self.versions.keys() | before.versions.keys())
        changed = [(name, before.versions.get(name), self.versions.get(name)) for name in names]
        changed.append(("source", before.git.revision, self.git.revision))
        return [f"{name} was {was}, and is {now} now" for name, was, now in changed if was != now]


def package_versions() -> dict[str, str]:
    """Versions of Python and of the installed `PACKAGES`."""
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions


def git_state() -> Git:
    """Revision of the source tree, and whether it was changed; None in no repository."""
    root = Path(__file__).resolve().parents[2]

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
        return result.stdout.strip()

    try:
        # An installed copy may lie inside an unrelated repository.
        git("ls-files", "--error-unmatch", __file__)
        # An ease table is a result, not source.
        changed = git("status", "--porcelain", "--", ".", ":(exclude)evaluation/ease/tables")
        return Git(revision=git("rev-parse", "HEAD"), dirty=bool(changed))
    except (OSError, subprocess.SubprocessError):
        return Git()


def new_session(steps: int, until: int) -> Session:
    """A session that starts now; see `Session` for `steps` and `until`."""
    return Session(
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        steps=steps,
        until=until,
        versions=package_versions(),
        git=git_state(),
    )
