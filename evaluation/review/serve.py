"""A server for one person on this machine: it makes episodes of a site when they are asked for."""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Sequence
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from evaluation.review.catalogue import KEY, Reviewed
from evaluation.review.episode import FOLDER, write_episode
from evaluation.review.site import REPORT
from minecraft_tasks.core.errors import FalseBeaconError

HOST = "127.0.0.1"
_REPORT = re.compile(r"reports/(\d+)\.html")
_EPISODE = re.compile(rf"{FOLDER}/(\d+)-(\d+)\.js")


class ReviewServer(ThreadingHTTPServer):
    """Serves a site on the loopback interface, under an address that only its starter knows.

    Args:
        site: The folder.
        reviewed: Evaluations, by number.
        port: 0 for any that is free.

    Attributes:
        address: Of the page, with the token.
    """

    daemon_threads = True

    def __init__(self, site: Path, reviewed: Sequence[Reviewed], port: int = 0) -> None:
        self.site, self.reviewed = site, reviewed
        self.token = secrets.token_urlsafe(18)
        self._making = threading.Lock()
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise FalseBeaconError(
                f"cannot serve on port {port} ({error.strerror}): leave out --port for a free one."
            ) from error
        self.address = f"http://{HOST}:{self.server_address[1]}/{self.token}/index.html"

    def make(self, run: int, episode: int) -> None:
        """Makes an episode that the site does not hold yet; one at a time.

        Raises:
            FalseBeaconError: As in `write_episode`, or if there is no such evaluation.
        """
        if run >= len(self.reviewed):
            raise FalseBeaconError(f"there are {len(self.reviewed)} evaluations, none is {run}.")
        with self._making:
            if not (self.site / FOLDER / f"{run}-{episode:05d}.js").is_file():
                write_episode(self.site, self.reviewed[run], episode)


class _Handler(SimpleHTTPRequestHandler):
    """Answers GET below the token, for requests of this host alone."""

    server: ReviewServer  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, directory=str(args[2].site), **kwargs)

    def do_GET(self) -> None:
        """Sends a file of the site; an episode is made first if need be."""
        inside = self._inside()
        if inside is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        named = _EPISODE.fullmatch(inside)
        if named is not None:
            try:
                self.server.make(int(named[1]), int(named[2]))
            except (FalseBeaconError, LookupError, ValueError) as error:
                # The page asks by a script, and would not see another answer.
                key = KEY.format(run=int(named[1]), episode=int(named[2]))
                said = f"review.failed({json.dumps(key)}, {json.dumps(str(error))});"
                self._send(said.encode(), "text/javascript; charset=utf-8")
                return
        report = _REPORT.fullmatch(inside)
        if report is not None:
            self._send_report(int(report[1]))
            return
        self.path = f"/{inside}"
        super().do_GET()

    def _send_report(self, run: int) -> None:
        """Sends the report of an evaluation, which lies outside the site."""
        reviewed = self.server.reviewed
        path = reviewed[run].directory / REPORT if run < len(reviewed) else None
        if path is None or not path.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        # A report of somebody else's may be anything: it gets no script and no origin.
        policy = "sandbox; default-src 'none'; img-src data:; media-src data:;"
        policy += " style-src 'unsafe-inline'"
        self._send(path.read_bytes(), "text/html; charset=utf-8", policy)

    def _send(self, content: bytes, kind: str, policy: str = "default-src 'none'") -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(content)

    def do_HEAD(self) -> None:
        """Refuses: only pages ask here."""
        self.send_error(HTTPStatus.METHOD_NOT_ALLOWED)

    def _inside(self) -> str | None:
        """The path within the site; None for another host, another origin or without the token."""
        port = self.server.server_address[1]
        if self.headers.get("Host") not in (f"{HOST}:{port}", f"localhost:{port}"):
            return None
        if self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return None
        path = self.path.partition("?")[0].partition("#")[0]
        _, token, *rest = [*unquote(path).split("/"), ""]
        if not secrets.compare_digest(token.encode(), self.server.token.encode()):
            return None
        return "/".join(rest).strip("/") or "index.html"

    def end_headers(self) -> None:
        """Adds what keeps other pages out."""
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def list_directory(self, path: Any) -> None:
        """Refuses to list folders."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def log_message(self, format: str, *args: Any) -> None:
        """Prints nothing: the token is in every line."""
