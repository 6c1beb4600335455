"""``falsebeacon train``: train an agent, or go on with a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from minecraft_tasks.errors import FalseBeaconError
from policies.config import TrainingConfig
from policies.runs import read_run
from policies.training import train


class Train(TrainingConfig):
    """Train a CNN-LSTM agent with recurrent PPO.

    Attributes:
        task: Name of the task.
        resume: Go on with this run directory; of the other options only --steps may be given.
        out: Run directory; runs/<task>/seed<seed> by default.
    """

    task: Annotated[str, tyro.conf.Positional] = ""
    resume: Path | None = None
    out: Path | None = None

    def run(self) -> None:
        """Train, and print where the run is."""
        print(train(self._config(), out=self.out, resume=self.resume))

    def _config(self) -> TrainingConfig | None:
        values = {name: getattr(self, name) for name in TrainingConfig.model_fields}
        if self.resume is None:
            if not self.task:
                raise FalseBeaconError("train needs a task, as in: falsebeacon train BeaconShrine.")
            return TrainingConfig(**values)
        given = {
            name: value
            for name, value in values.items()
            if value != type(self).model_fields[name].default
        }
        return read_run(self.resume).config.model_copy(update=given) if given else None
