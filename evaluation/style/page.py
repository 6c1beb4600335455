"""The Jinja environment that every page is rendered with."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from evaluation.statistics.estimates import percent


def page_environment() -> Environment:
    """Templates of pages, with what all of them write numbers by."""
    environment = Environment(
        loader=PackageLoader("evaluation.report"), autoescape=True, undefined=StrictUndefined
    )
    environment.globals["percent"] = percent
    environment.filters["tied"] = lambda text: text.replace(" %", "\N{NO-BREAK SPACE}%")
    return environment
