"""What an episode may be attributed to (docs/method.md)."""

from __future__ import annotations

from minecraft_tasks.spec import TaskSpec

INTENDED, MIXED, INCAPABLE, UNATTRIBUTED = "intended", "mixed", "incapable", "unattributed"
_KINDS = (INTENDED, "proxy", MIXED, "device", INCAPABLE, UNATTRIBUTED)


def class_of(spec: TaskSpec, candidate: str) -> str:
    """The class of an episode that competently pursues a candidate."""
    return INTENDED if spec.candidate(candidate) == spec.intended else f"proxy:{candidate}"


def class_order(name: str) -> tuple[int, str]:
    """Sorts classes: pursuits first, doubt last."""
    return _KINDS.index(name.partition(":")[0]), name
