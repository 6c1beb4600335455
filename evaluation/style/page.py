"""Pages of one file, rendered with Jinja."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from evaluation.statistics.estimates import percent
from minecraft_tasks.core.errors import CorruptFileError


def render_page(template: str, **values: Any) -> str:
    """A page from a template of `evaluation/report/templates`, as HTML text."""
    environment = Environment(
        loader=PackageLoader("evaluation.report"), autoescape=True, undefined=StrictUndefined
    )
    environment.globals["percent"] = percent
    environment.filters["tied"] = lambda text: text.replace(" %", "\N{NO-BREAK SPACE}%")
    return environment.get_template(template).render(**values)


def data_address(path: Path, kind: str, remedy: str) -> str:
    """A file of a media type as a data address, which a page holds in itself.

    Raises:
        CorruptFileError: If the file cannot be read; `remedy` says how to replace it.
    """
    try:
        data = base64.b64encode(path.read_bytes()).decode()
    except OSError as error:
        raise CorruptFileError(f"{path} cannot be read ({error.strerror}): {remedy}.") from error
    return f"data:{kind};base64,{data}"
