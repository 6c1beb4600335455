"""Our environment and its peers, each as one call that steps it and returns the observation.

Each peer runs in the quickest way we found that returns a colour image for every step, and is
imported only when it is made. A call takes random actions, and resets ended episodes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

Step = Callable[[], np.ndarray]
"""Steps every environment once; returns [H, W, 3] for one, or [N, H, W, 3] for N of them."""

DRAWN = 4096


def _drawn(num_actions: int, *shape: int) -> Callable[[], Any]:
    """Random actions, drawn beforehand: a step does not include drawing them."""
    return cycle(np.random.default_rng(0).integers(0, num_actions, (DRAWN, *shape))).__next__


def _gymnasium(env: Any) -> Step:
    draw = _drawn(int(env.action_space.n))
    env.reset(seed=0)

    def step() -> np.ndarray:
        frame, _, terminated, truncated, _ = env.step(draw())
        return env.reset()[0] if terminated or truncated else frame

    return step


def ours(num_envs: int, side: int) -> Step:
    """BeaconShrine's training levels, on as many threads as the process has cores.

    Args:
        num_envs: Environments; one is made by ``gymnasium.make``, more by ``make_vec``.
        side: Height and width of a frame in pixels.
    """
    import gymnasium

    import_module("minecraft_tasks")
    name = "falsebeacon/BeaconShrine-v1"
    if num_envs == 1:
        return _gymnasium(gymnasium.make(name, observation_size=side, disable_env_checker=True))
    env: Any = gymnasium.make_vec(name, num_envs=num_envs, observation_size=side)
    draw = _drawn(int(env.single_action_space.n), num_envs)
    env.reset(seed=0)
    return lambda: env.step(draw())[0]


def vizdoom(num_envs: int) -> Step:
    """My Way Home at the smallest resolution there is, without sound, by its own interface.

    The package's gymnasium wrapper is slower.
    """
    doom = import_module("vizdoom")
    game = doom.DoomGame()
    game.load_config(str(Path(doom.scenarios_path) / "my_way_home.cfg"))
    game.set_screen_resolution(doom.ScreenResolution.RES_160X120)
    game.set_screen_format(doom.ScreenFormat.RGB24)
    game.set_window_visible(False)
    game.set_sound_enabled(False)
    game.set_seed(0)
    game.init()
    actions = np.eye(game.get_available_buttons_size(), dtype=bool).tolist()
    draw = _drawn(len(actions))

    def step() -> np.ndarray:
        game.make_action(actions[draw()])
        if game.is_episode_finished():
            game.new_episode()
        return game.get_state().screen_buffer

    return step


def miniworld(num_envs: int) -> Step:
    """Hallway, one of its quickest worlds, drawn by Mesa on the calling thread."""
    os.environ["LIBGL_ALWAYS_SOFTWARE"] = "1"
    os.environ["LP_NUM_THREADS"] = "0"
    # The package sets PYOPENGL_PLATFORM=egl too late.
    import_module("pyglet").options["headless"] = True
    import_module("miniworld")
    import gymnasium

    size = {"obs_width": 64, "obs_height": 64}
    return _gymnasium(gymnasium.make("MiniWorld-Hallway-v0", disable_env_checker=True, **size))


def crafter(num_envs: int) -> Step:
    """Crafter with its defaults."""
    env = import_module("crafter").Env(seed=0)
    draw = _drawn(int(env.action_space.n))
    env.reset()

    def step() -> np.ndarray:
        frame, _, done, _ = env.step(draw())
        return env.reset() if done else frame

    return step


def craftax(num_envs: int) -> Step:
    """Craftax-Classic-Pixels, compiled for the CPU.

    Every 16 environments share one new world at each step: the "optimistic resets" that its authors
    train with (Matthews et al. 2024). Its plain automatic reset makes a world per environment and
    step, and is far slower on a CPU. One environment makes a world when it needs one.
    """
    os.environ["JAX_PLATFORMS"] = "cpu"
    jax = import_module("jax")
    env = import_module("craftax.craftax_env").make_craftax_env_from_name(
        "Craftax-Classic-Pixels-v1", auto_reset=False
    )
    params = env.default_params
    worlds = max(1, num_envs // 16)
    split, where, tree_map = jax.random.split, jax.numpy.where, jax.tree.map
    step_all = jax.vmap(env.step, in_axes=(0, 0, 0, None))
    reset_all = jax.jit(jax.vmap(env.reset, in_axes=(0, None)))

    def stepped(state: Any, key: Any, actions: Any) -> tuple[Any, Any, Any, Any]:
        key, stepping, making = split(key, 3)
        shown, state, _, done, _ = step_all(split(stepping, num_envs), state, actions, params)
        if num_envs > 1:
            source = jax.numpy.cumsum(done) % worlds

            def replaced(new: Any, old: Any) -> Any:
                return where(done.reshape(-1, *[1] * (old.ndim - 1)), new[source], old)

            new = reset_all(split(making, worlds), params)
            shown, state = tree_map(replaced, new, (shown, state))
        return shown, state, key, done

    compiled = jax.jit(stepped)
    draw = _drawn(env.num_actions, num_envs)
    key = jax.random.PRNGKey(0)
    _, state = reset_all(split(key, num_envs), params)

    def step() -> np.ndarray:
        nonlocal state, key
        shown, state, key, done = compiled(state, key, draw())
        if num_envs == 1 and done[0]:
            shown, state = reset_all(split(key, 1), params)
        return np.asarray(shown)

    return step
