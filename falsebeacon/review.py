"""``falsebeacon review``: look at recorded episodes, one decision at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro
from pydantic import Field

from falsebeacon.command import Command, import_tasks
from falsebeacon.report import evaluation_of, set_directory
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.records import Positive

if TYPE_CHECKING:
    from evaluation.review.catalogue import Reviewed


class Review(Command):
    """Make a site of recorded episodes, which opens from disk.

    Attributes:
        directories: Evaluation directories, or run directories that hold one.
        episodes: Numbers of episodes that the site also holds; of the first directory, if there
            are several.
        where: Hold the episodes that these filters choose, such as split=heldout class=aimless
            disagrees=yes; by default those that the report's rule chooses, and their twins.
        most: Of the filtered episodes, hold the first so many of each directory.
        out: Folder of the site; by default `review-evaluation` in the run, `review` beside several,
            and session-... in the current folder for a blinded session.
        serve: Stay, and make any other episode when it is looked at; only this machine is answered.
        port: For that; 0 for one that is free.
        blind: Make a blinded session instead: episodes of one run in an order of the rater's own,
            without a word on where they come from, among them scripted agents of known target.
        rater: Their name.
        items: Episodes of the session, those that are shown twice included.
        trust: Import the module of a task that is not built in, which runs any code in it.
    """

    directories: Annotated[tuple[Path, ...], tyro.conf.Positional]
    episodes: tuple[int, ...] = ()
    where: tuple[str, ...] = ()
    most: Positive = 100
    out: Path | None = None
    serve: bool = False
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    blind: bool = False
    rater: str = ""
    items: Positive = 60
    trust: bool = False

    def run(self) -> None:
        """Write the site, print where it is, and serve it if asked to."""
        if not self.directories:
            raise FalseBeaconError("name at least one run or evaluation directory.")
        from evaluation.review.catalogue import read_reviewed

        evaluations = [evaluation_of(directory) for directory in self.directories]
        reviewed = read_reviewed(evaluations)
        if self.trust:
            import_tasks(each.info.task for each in reviewed)
        if self.blind:
            self._session(reviewed)
            return
        if self.rater:
            raise FalseBeaconError("--rater is for a blinded session: add --blind.")
        out = self.out or _folder(evaluations)
        from evaluation.report.run_page import review_folder, write_report
        from evaluation.review.chosen import chosen
        from evaluation.review.site import REPORT, write_site
        from minecraft_tasks.core.progress import Stages

        held = {
            each.number: chosen(each, () if each.number else self.episodes, self.where, self.most)
            for each in reviewed
        }
        with Stages() as stages:
            page = write_site(reviewed, out, held, stages)
        print(f"review: {page}")
        (first, *others), linked = evaluations, (evaluations[0] / REPORT).is_file()
        if linked and not others and out == review_folder(first):
            # Now it has something to link to.
            write_report(first)
        if self.serve:
            from evaluation.review.serve import ReviewServer

            with ReviewServer(out, reviewed, self.port) as server:
                print(f"open {server.address}; stop with Ctrl-C", flush=True)
                server.serve_forever()

    def _session(self, reviewed: list[Reviewed]) -> None:
        """Writes a blinded session."""
        if len(reviewed) > 1:
            raise FalseBeaconError(f"a blinded session is of one run, not of {len(reviewed)}.")
        if self.serve or self.episodes or self.where:
            raise FalseBeaconError(
                "a blinded session chooses its own episodes and is not served: leave out --serve,"
                " --episodes and --where."
            )
        from evaluation.review.blind import write_session
        from evaluation.review.queue import make_queue
        from minecraft_tasks.core.progress import Stages

        queue = make_queue(reviewed[0], self.rater, self.items)
        # Not in the run: the address bar would tell which it is.
        out = self.out or Path(f"session-{queue.digest}")
        with Stages() as stages:
            page = write_session(out, reviewed[0], queue, stages)
        print(f"session: {page}")


def _folder(evaluations: list[Path]) -> Path:
    """`review-evaluation` beside a single evaluation, or `review` beside the set of several."""
    from evaluation.report.run_page import review_folder

    if len(evaluations) == 1:
        return review_folder(evaluations[0])
    return set_directory(evaluations).with_name("review")
