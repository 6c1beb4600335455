"""``falsebeacon train``: train an agent, or go on with a run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Self

import tyro

from falsebeacon.command import Command, import_tasks, named_path
from minecraft_tasks.core.errors import FalseBeaconError
from policies.runs.config import TrainingConfig, recipe
from policies.runs.record import read_run, require_new
from wrappers.stack import Stack


class Train(TrainingConfig, Command):
    """Train an agent with recurrent PPO.

    Attributes:
        task: Name of the task, or package.module:TASK.
        wrappers: What stands between the environments and the agent, from the environment outwards.
        minerl: How Minecraft is run, for the backend of that name.
        resume: Go on with this run directory; of the other options only --steps may be given.
        out: Run directory; runs/<task>/seed<seed> by default.
        trust: With --resume, import the module of a task that is not built in, which runs any code
            in it.
    """

    task: Annotated[str, tyro.conf.Positional] = ""
    wrappers: Stack = Stack()
    resume: Path | None = None
    out: Path | None = None
    trust: bool = False

    @classmethod
    def parsed(cls, name: str, words: Sequence[str], **options: Any) -> Self:
        """The command, where options that are not given are the task's, or the resumed run's."""
        return super().parsed(name, words, default=defaults(words), **options)

    def run(self) -> None:
        """Train, and print where the run is."""
        if not self.task:
            raise FalseBeaconError("train needs a task, as in: falsebeacon train BeaconShrine.")
        if self.trust and self.resume is None:
            raise FalseBeaconError("--trust is for a run that is resumed: add --resume RUN.")
        config = TrainingConfig(
            **{name: getattr(self, name) for name in TrainingConfig.model_fields}
        )
        if self.resume is None:
            from minecraft_tasks.tasks import task as find_task

            find_task(config.task).spec.rewarded(config.reward)
            if self.out is not None:
                require_new(self.out)
        elif self.trust:
            import_tasks([read_run(self.resume).config.task])
        from policies.training.train import train

        print(train(config, out=self.out, resume=self.resume))


def defaults(arguments: Sequence[str]) -> Train:
    """Default values of the options: the task's, or the resumed run's."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--resume", type=named_path)
    resume = parser.parse_known_args(list(arguments))[0].resume
    if resume is None:
        from minecraft_tasks.core.importing import is_reference
        from minecraft_tasks.tasks import TASKS, offered

        named = next((word for word in arguments if word in TASKS or is_reference(word)), "")
        if not named:  # What is installed takes longer to list.
            named = next((word for word in arguments if word in offered()), "")
        return Train.model_validate(recipe(named))
    return Train(**read_run(resume).config.model_dump(), resume=resume)
