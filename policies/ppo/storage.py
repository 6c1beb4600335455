"""Storage of a rollout: every frame once, and recurrent states at its start only."""

from __future__ import annotations

import numpy as np
import torch

from policies.networks.space_to_depth import fold, unfold
from policies.networks.step import State, States


class RolloutStorage:
    """T steps of N environments, on the training device.

    Attributes:
        frames: uint8[T + 1, N, H, W, C], folded for the encoder; the last row is the frame after
            the last step.
        block: Size of the blocks of pixels that are folded.
        actions: int64[T, N].
        rewards: float32[T, N], with the value of cut-off episodes' ends added.
        starts: bool[T + 1, N], first frame of an episode.
        values: float32[T + 1, N], of each frame.
        log_probs: float32[T, N], of the actions under the policy that took them.
        advantages, returns: float32[T, N], from `finish`.
        states: Recurrent states before the first frame.
    """

    states: States

    def __init__(
        self,
        steps: int,
        num_envs: int,
        frame_shape: tuple[int, int, int],
        device: torch.device,
        block: int,
    ) -> None:
        self.steps, self.num_envs, self.block = steps, num_envs, block
        height, width, channels = frame_shape
        shape = (height // block, width // block, channels * block**2)
        self.frames = torch.empty((steps + 1, num_envs, *shape), dtype=torch.uint8, device=device)
        self.starts = torch.zeros(steps + 1, num_envs, dtype=torch.bool, device=device)
        self.values = torch.zeros(steps + 1, num_envs, device=device)
        self.actions = torch.zeros(steps, num_envs, dtype=torch.int64, device=device)
        self.rewards, self.log_probs, self.advantages, self.returns = torch.zeros(
            4, steps, num_envs, device=device
        )
        self._cut_off: list[tuple[torch.Tensor, ...]] = []

    def begin(self, frames: torch.Tensor, starts: torch.Tensor, states: States) -> None:
        """Sets the frames, flags and states at the start of the rollout."""
        self.put(0, frames)
        self.starts[0] = starts
        self.states = states
        self._cut_off.clear()

    def put(self, step: int, frames: torch.Tensor) -> None:
        """Stores the frames uint8[N, H, W, C] of one step."""
        self.frames[step] = fold(frames, self.block)

    def images(self, step: int) -> torch.Tensor:
        """Frames of one step for the encoder, channels first, not copied."""
        return self.frames[step].permute(0, 3, 1, 2)

    def plain(self, images: torch.Tensor) -> torch.Tensor:
        """Unfolded images uint8[B, C, H, W]."""
        return unfold(images.permute(0, 2, 3, 1), self.block).permute(0, 3, 1, 2)

    def gather_images(self, envs: torch.Tensor) -> torch.Tensor:
        """All T frames of E environments for the encoder, uint8[T * E, C, H, W]."""
        steps = torch.arange(self.steps, device=envs.device).unsqueeze(1)
        rows = (steps * self.num_envs + envs).flatten()
        flat = self.frames.view(-1, self.frames[0, 0].numel()).index_select(0, rows)
        return flat.view(-1, *self.frames.shape[2:]).permute(0, 3, 1, 2)

    def cut_off(self, step: int, truncated: np.ndarray, final: np.ndarray, state: State) -> None:
        """Notes episodes that the time limit ended, to add the value of their last frames.

        Args:
            step: Index of the step.
            truncated: bool[N].
            final: uint8[N, H, W, C], the last frames, valid where truncated.
            state: The critic's state after the step, each [layers, N, H].
        """
        index = np.flatnonzero(truncated)
        if len(index):
            steps, frames = torch.full((len(index),), step), torch.from_numpy(final[index])
            hidden, cell = (part[:, index].transpose(0, 1) for part in state)
            self._cut_off.append((steps, torch.from_numpy(index), frames, hidden, cell))

    def cut_offs(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, State] | None:
        """All noted episodes as one batch.

        Returns:
            Steps int64[K], environments int64[K], frames uint8[K, C, H, W] and states; None if
            no episode was cut off.
        """
        if not self._cut_off:
            return None
        steps, envs, frames, *state = map(torch.cat, zip(*self._cut_off, strict=True))
        hidden, cell = (part.transpose(0, 1).contiguous() for part in state)
        return steps, envs, frames.to(self.frames.device).permute(0, 3, 1, 2), (hidden, cell)

    def finish(self, gamma: float, gae_lambda: float) -> None:
        """Generalised advantage estimation (Schulman et al. 2016) over the whole rollout."""
        advantage = torch.zeros_like(self.values[0])
        alive = (~self.starts).float()
        for step in reversed(range(self.steps)):
            ahead = gamma * alive[step + 1]
            delta = self.rewards[step] + ahead * self.values[step + 1] - self.values[step]
            advantage = delta + ahead * gae_lambda * advantage
            self.advantages[step] = advantage
        torch.add(self.advantages, self.values[:-1], out=self.returns)
