"""Trains for a moment with other libraries, on the environments as gymnasium makes them.

    .venv/bin/python -m benchmarks.libraries
    .venv/bin/python -m benchmarks.libraries --script ppo_atari_lstm.py

Each library is called as its own pages show it, with the environment's id and nothing of this
package but `wrappers.SB3VecEnv`. Those that are not installed are named; they fit into an
environment of their own beside the project's packages:

    pip install -r requirements.lock
    pip install -r benchmarks/libraries.txt

CleanRL is one script to a method: pass a copy of its PPO with an LSTM for Atari
(https://github.com/vwxyzjn/cleanrl/blob/master/cleanrl/ppo_atari_lstm.py). Only its function that
makes one environment is replaced, since Atari's wrappers ask for lives and for a fire button.
"""

# pyright: reportMissingImports=false
# The libraries are in an environment of their own.

from __future__ import annotations

import ast
import io
import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import gymnasium
import tyro

import minecraft_tasks
from minecraft_tasks.core.errors import FalseBeaconError

gymnasium.register_envs(minecraft_tasks)

ENV_ID = "falsebeacon/BeaconShrine-v1"
STEPS, ENVS = 512, 4
FAST: dict[str, Any] = {"layouts": 64}
"""Few training levels, so that making them takes no time."""


def gymnasium_one(folder: Path) -> str:
    """Gymnasium's wrappers around one environment."""
    from gymnasium import wrappers

    env: Any = gymnasium.make(ENV_ID, render_mode="rgb_array", **FAST)
    env = wrappers.RecordVideo(env, str(folder), episode_trigger=lambda episode: episode == 0)
    env = wrappers.RecordEpisodeStatistics(env)
    env = wrappers.GrayscaleObservation(wrappers.ResizeObservation(env, (84, 84)))
    env = wrappers.NormalizeReward(wrappers.FrameStackObservation(env, 4))
    env.reset(seed=0)
    episodes = 0
    while episodes < 2:
        *_, terminated, truncated, info = env.step(env.action_space.sample())
        if terminated or truncated:
            episodes += 1
            assert info["episode"]["l"] > 0
            env.reset()
    env.close()
    (video,) = folder.glob("*.mp4")
    return f"observations {env.observation_space.shape}, {video.name}"


def gymnasium_many(folder: Path) -> str:
    """Gymnasium's vector wrappers around many."""
    from gymnasium.wrappers import vector

    env: Any = gymnasium.make_vec(
        ENV_ID, num_envs=ENVS, autoreset_mode="NextStep", render_mode="rgb_array", **FAST
    )
    env = vector.RecordEpisodeStatistics(env)
    env = vector.RecordVideo(env, str(folder), video_length=50)
    env = vector.GrayscaleObservation(vector.ResizeObservation(env, (84, 84)))
    env = vector.DictInfoToList(vector.NormalizeReward(env))
    env.reset(seed=0)
    ended = 0
    for _ in range(2 * STEPS):
        *_, infos = env.step(env.action_space.sample())
        ended += sum("episode" in info for info in infos)
    env.close()
    return f"observations {env.observation_space.shape}, {ended} episodes"


class _Script(ast.NodeTransformer):
    """CleanRL's script with one function replaced, and without the wrappers that it imports."""

    MAKE = """
    def make_env(env_id, idx, capture_video, run_name):
        def thunk():
            env = gym.wrappers.RecordEpisodeStatistics(gym.make(env_id, layouts=64))
            env = gym.wrappers.ResizeObservation(env, (84, 84))
            return gym.wrappers.FrameStackObservation(gym.wrappers.GrayscaleObservation(env), 1)
        return thunk
    """

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None if node.module == "cleanrl_utils.atari_wrappers" else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return ast.parse(textwrap.dedent(self.MAKE)).body[0] if node.name == "make_env" else node


def cleanrl(folder: Path, script: Path) -> str:
    """CleanRL's PPO with an LSTM."""
    changed = folder / script.name
    changed.write_text(
        f"import minecraft_tasks\n{ast.unparse(_Script().visit(ast.parse(script.read_text())))}"
    )
    words = ["--env-id", ENV_ID, "--total-timesteps", str(2 * STEPS), "--num-envs", str(ENVS)]
    return _program([str(changed), *words, "--num-steps", "128", "--no-cuda"], folder)


def stable_baselines3(folder: Path) -> str:
    """PPO of Stable-Baselines3, by the id alone and on a whole batch."""
    from stable_baselines3 import PPO
    from stable_baselines3.common.vec_env import VecVideoRecorder

    from wrappers import SB3VecEnv

    options: dict[str, Any] = {"n_steps": 64, "batch_size": 64, "n_epochs": 1, "device": "cpu"}
    PPO("CnnPolicy", ENV_ID, **options).learn(STEPS // 4)
    env: Any = SB3VecEnv(gymnasium.make_vec(ENV_ID, num_envs=ENVS, render_mode="rgb_array", **FAST))
    env = VecVideoRecorder(env, str(folder), lambda step: step == 0, video_length=50)
    model = PPO("CnnPolicy", env, **options).learn(STEPS)
    env.close()
    (video,) = folder.glob("*.mp4")
    model.save(folder / "model")
    return f"{model.num_timesteps} steps, {video.name}"


def sb3_contrib(folder: Path) -> str:
    """RecurrentPPO of sb3-contrib."""
    from sb3_contrib import RecurrentPPO

    from wrappers import SB3VecEnv

    env = SB3VecEnv(gymnasium.make_vec(ENV_ID, num_envs=ENVS, **FAST))
    model = RecurrentPPO("CnnLstmPolicy", env, n_steps=64, batch_size=64, n_epochs=1, device="cpu")
    return f"{model.learn(STEPS).num_timesteps} steps"


def rl_zoo3(folder: Path) -> str:
    """rl-zoo3's command, with hyperparameters from a file."""
    (folder / "ppo.yml").write_text(
        f"{ENV_ID}:\n  n_envs: {ENVS}\n  policy: CnnPolicy\n  n_timesteps: {STEPS}\n"
        "  n_steps: 64\n  batch_size: 64\n  n_epochs: 1\n"
    )
    words = ["--algo", "ppo", "--env", ENV_ID, "--gym-packages", "minecraft_tasks"]
    words += ["--conf-file", "ppo.yml", "--log-folder", "logs", "--env-kwargs", "layouts:64"]
    return _program(["-m", "rl_zoo3.train", *words, "--device", "cpu"], folder)


def torchrl(folder: Path) -> str:
    """TorchRL: one environment by its id, many by its wrapper, and a step of PPO."""
    import torch
    from tensordict.nn import TensorDictModule
    from torch import nn
    from torchrl.collectors import Collector
    from torchrl.envs import GymEnv, GymWrapper
    from torchrl.modules import ActorValueOperator, ProbabilisticActor, ValueOperator
    from torchrl.objectives import ClipPPOLoss
    from torchrl.objectives.value import GAE

    GymEnv(ENV_ID, **FAST).rollout(20)
    # In the other modes TorchRL reads every info, and cannot hold the text of `split`.
    made = gymnasium.make_vec(ENV_ID, num_envs=ENVS, autoreset_mode="Disabled", **FAST)
    env = GymWrapper(made, categorical_action_encoding=True)
    body = TensorDictModule(_body(), in_keys=["observation"], out_keys=["features"])
    head = TensorDictModule(nn.Linear(64, 3), in_keys=["features"], out_keys=["logits"])
    actor = ProbabilisticActor(
        head, in_keys=["logits"], distribution_class=torch.distributions.Categorical,
        return_log_prob=True, spec=env.action_spec,
    )  # fmt: skip
    both = ActorValueOperator(body, actor, ValueOperator(nn.Linear(64, 1), in_keys=["features"]))
    loss = ClipPPOLoss(both.get_policy_operator(), both.get_value_operator())
    advantage = GAE(gamma=0.99, lmbda=0.95, value_network=both.get_value_operator())
    optimiser = torch.optim.Adam(loss.parameters(), lr=3e-4)
    collector = Collector(
        env, both.get_policy_operator(), frames_per_batch=STEPS // 2, total_frames=STEPS
    )
    frames, total = 0, torch.zeros(())
    for data in collector:
        advantage(data)
        found = loss(data.reshape(-1))
        total = found["loss_objective"] + found["loss_critic"] + found["loss_entropy"]
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        frames += data.numel()
    collector.shutdown()
    return f"{frames} steps, last loss {total.item():.3f}"


def skrl(folder: Path) -> str:
    """PPO of skrl."""
    import torch
    from skrl.agents.torch.ppo import PPO, PPO_CFG
    from skrl.envs.wrappers.torch import wrap_env
    from skrl.memories.torch import RandomMemory
    from skrl.models.torch import CategoricalMixin, DeterministicMixin, Model
    from skrl.trainers.torch import SequentialTrainer
    from torch import nn

    class Policy(CategoricalMixin, Model):
        def __init__(self, env: Any, outputs: int) -> None:
            Model.__init__(
                self, observation_space=env.observation_space, action_space=env.action_space
            )
            CategoricalMixin.__init__(self)
            self.layers = nn.Sequential(_body(), nn.Linear(64, outputs))

        def compute(self, inputs: dict[str, Any], role: str = "") -> tuple[Any, dict[str, Any]]:
            return self.layers(inputs["observations"].reshape(-1, 64, 64, 3)), {}

    class Value(DeterministicMixin, Policy):
        def __init__(self, env: Any) -> None:
            Policy.__init__(self, env, 1)
            DeterministicMixin.__init__(self)

    env = wrap_env(gymnasium.make_vec(ENV_ID, num_envs=ENVS, **FAST))
    options = PPO_CFG(rollouts=STEPS // ENVS, learning_epochs=1)
    options.experiment.directory = str(folder)
    agent = PPO(
        models={"policy": Policy(env, 3), "value": Value(env)},
        memory=RandomMemory(memory_size=options.rollouts, num_envs=ENVS),
        cfg=options,
        observation_space=env.observation_space,
        action_space=env.action_space,
    )
    before = torch.cat([weights.flatten() for weights in agent.policy.parameters()]).clone()
    how = {"timesteps": options.rollouts, "headless": True, "disable_progressbar": True}
    SequentialTrainer(cfg=how, env=env, agents=agent).train()
    after = torch.cat([weights.flatten() for weights in agent.policy.parameters()])
    return f"{STEPS} steps, weights moved by {float((after - before).norm()):.2f}"


def minari(folder: Path) -> str:
    """Minari's recorder, and its dataset read back."""
    import minari as library

    os.environ["MINARI_DATASETS_PATH"] = str(folder)
    env = library.DataCollector(gymnasium.make(ENV_ID, **FAST))
    for seed in range(2):
        env.reset(seed=seed)
        over = False
        while not over:
            *_, terminated, truncated, _ = env.step(env.action_space.sample())
            over = terminated or truncated
    made = env.create_dataset("falsebeacon/random-v0", algorithm_name="random")
    env.close()
    read = library.load_dataset("falsebeacon/random-v0")
    shapes = [episode.observations.shape for episode in read.iterate_episodes()]
    return f"{made.total_episodes} episodes, observations {shapes}"


def _body() -> Any:
    """A small network from frames of bytes, channels last, to 64 features."""
    import torch
    from torch import nn

    class Body(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.Sequential(
                nn.Conv2d(3, 16, 8, 4), nn.ReLU(), nn.Conv2d(16, 16, 4, 2), nn.ReLU(),
                nn.Flatten(), nn.Linear(16 * 36, 64), nn.ReLU(),
            )  # fmt: skip

        def forward(self, frames: torch.Tensor) -> torch.Tensor:
            flat = frames.reshape(-1, *frames.shape[-3:]).movedim(-1, 1).float() / 255
            return self.layers(flat).reshape(*frames.shape[:-3], 64)

    return Body()


def _program(words: list[str], folder: Path) -> str:
    """The last line that a program prints.

    Raises:
        FalseBeaconError: If it fails, with the end of what it printed.
    """
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise FalseBeaconError(f"{' '.join(words)}: {done.stderr[-2000:]}")
    return (done.stdout.strip() or done.stderr.strip()).splitlines()[-1]


LIBRARIES: dict[str, tuple[str, Callable[[Path], str]]] = {
    "gymnasium": ("gymnasium", gymnasium_one),
    "gymnasium, vector": ("gymnasium", gymnasium_many),
    "Stable-Baselines3": ("stable-baselines3", stable_baselines3),
    "sb3-contrib": ("sb3-contrib", sb3_contrib),
    "rl-zoo3": ("rl-zoo3", rl_zoo3),
    "TorchRL": ("torchrl", torchrl),
    "skrl": ("skrl", skrl),
    "Minari": ("minari", minari),
}
"""Name in the table -> its package, and what is done with it."""


def main(script: Path | None = None) -> None:
    """Prints a line for each library.

    Args:
        script: A copy of CleanRL's script, which is tried too.
    """
    rows = dict(LIBRARIES)
    if script is not None:
        rows["CleanRL's PPO with LSTM"] = ("", partial(cleanrl, script=script))
    for name, (package, work) in rows.items():
        try:
            found = version(package) if package else ""
        except PackageNotFoundError:
            print(f"{name:<25}not installed")
            continue
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
            said = work(Path(folder))
        print(f"{name:<25}{found:<10}{said}", flush=True)


if __name__ == "__main__":
    tyro.cli(main)
