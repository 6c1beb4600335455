"""Base of every frozen record."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Base of everything that is configuration: frozen, and closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
