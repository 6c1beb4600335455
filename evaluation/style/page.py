"""The Jinja environment that every page is rendered with."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from evaluation.statistics.estimates import percent


def page_environment() -> Environment:
    """The environment of all page templates, with their number formats."""
    environment = Environment(
        loader=PackageLoader("evaluation.report"), autoescape=True, undefined=StrictUndefined
    )
    environment.globals["percent"] = percent
    environment.filters["tied"] = lambda text: text.replace(" %", "\N{NO-BREAK SPACE}%")
    return environment
