"""``python -m falsebeacon``."""

from falsebeacon.main import entry

entry()
