"""Memories of an agent: modules with the call signature of `nn.LSTM`.

``forward(inputs [L, B, F], (h, c)) -> (outputs [L, B, O], (h', c'))``. A state of zeros means
that the episode has just begun, one call of L steps equals L calls of one step, and a call never
reaches into another episode. Each of them therefore replaces the LSTM of sb3-contrib's policy, and
code that steps, cuts, stores or resets an LSTM's state works on theirs.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from minecraft_tasks.core.errors import FalseBeaconError
from policies.networks.step import State

STACK = 4
"""Frames that `FrameStack` sees, including the current one."""
SPAN = 64
"""Frames that `CausalTransformer` sees, including the current one."""


class Memory(nn.Module):
    """The attributes of `nn.LSTM` by which its states are made and its outputs read.

    Attributes:
        num_layers: 1.
        input_size: F, features of a frame.
        hidden_size: Width of each half of the state, which is [1, B, hidden_size].
        output_size: O.
    """

    num_layers = 1

    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.output_size = input_size, hidden_size, output_size


class Memoryless(Memory):
    """The current frame only: a layer as wide as the LSTM, and a state of width 0."""

    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__(input_size, 0, output_size)
        self.linear = nn.Linear(input_size, output_size)

    def forward(self, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Outputs [L, B, O] of inputs [L, B, F]; the state is returned unchanged."""
        return torch.tanh(self.linear(inputs)), state


class Window(Memory):
    """A sliding window of slots, one per frame; the state is the slots before the current one.

    Slots are stored one after another, the oldest first, the front half in h and the rest in c.

    Args:
        input_size: F.
        output_size: O.
        slot: S, numbers kept of a frame.
        span: Frames in the window, including the current one.

    Raises:
        FalseBeaconError: If the slots do not divide into halves.
    """

    def __init__(self, input_size: int, output_size: int, slot: int, span: int) -> None:
        self.slot, self.span = slot, span
        kept = (span - 1) * slot
        if kept % 2:
            raise FalseBeaconError(
                f"{span - 1} frames of {slot} numbers do not divide into two halves of a state:"
                " take an even number of features."
            )
        super().__init__(input_size, kept // 2, output_size)

    def slide(self, slots: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Appends the slots [L, B, S] of L new frames to those of the state.

        Returns:
            All slots [B, (span - 1 + L) * S] in float32, and the state after them.
        """
        new = slots.float().transpose(0, 1).flatten(1)
        slots = torch.cat([state[0][0], state[1][0], new], dim=1)
        h, c = slots[:, new.shape[1] :].unsqueeze(0).split(self.hidden_size, dim=2)
        return slots, (h, c)


class FrameStack(Window):
    """One layer over the features of the last `STACK` frames side by side.

    The CNN encodes each frame by itself, so frames are combined in their features and not in the
    first convolution. Before an episode's first frame there are zeros.
    """

    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__(input_size, output_size, slot=input_size, span=STACK)
        self.linear = nn.Linear(STACK * input_size, output_size)

    def forward(self, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Outputs [L, B, O] of inputs [L, B, F], and the state after them."""
        slots, state = self.slide(inputs, state)
        stacks = slots.unfold(1, STACK * self.slot, self.slot)
        return torch.tanh(self.linear(stacks.transpose(0, 1))), state


class CausalTransformer(Window):
    """One pre-norm Transformer block; each frame attends to the last `SPAN` of its episode.

    With a single block a sliding window is exact: a slot depends on its own frame only, so the
    window holds what a longer sequence would have computed. A slot is the normalised embedding
    and a one, which marks the slot as filled (a state of zeros has none) and is the bias of the
    values. Heads have a learned bias for each age of a frame. Keys are never computed: a query is
    multiplied by the key weights once instead (q . K m = K'q . m), and the values' weights are
    applied after the sum, so one step costs no more products than it has slots.

    Args:
        input_size: F.
        output_size: O, a multiple of 8; attention is half as wide.
        heads: Of attention.

    Raises:
        FalseBeaconError: If O is no multiple of 8.
    """

    ages: torch.Tensor

    def __init__(self, input_size: int, output_size: int, heads: int = 4) -> None:
        if output_size % (2 * heads):
            raise FalseBeaconError(
                f"a transformer of width {output_size} does not divide into {heads} heads: take a"
                f" multiple of {2 * heads} for --hidden."
            )
        slot = output_size // 2
        super().__init__(input_size, output_size, slot=slot, span=SPAN)
        self.heads, self.head = heads, slot // heads
        self.embed = nn.Linear(input_size, output_size)
        self.remember = nn.Linear(output_size, slot - 1)
        self.query = nn.Linear(output_size, slot)
        self.key = nn.Parameter(torch.empty(heads, self.head, slot))
        self.value = nn.Parameter(torch.empty(heads, slot, self.head))
        self.age_bias = nn.Parameter(torch.zeros(heads, SPAN))
        self.attended = nn.Linear(slot, output_size)
        self.before = nn.LayerNorm(output_size)
        self.between = nn.LayerNorm(output_size)
        self.after = nn.LayerNorm(output_size)
        self.mlp = nn.Sequential(
            nn.Linear(output_size, output_size), nn.GELU(), nn.Linear(output_size, output_size)
        )
        for part in (self.key, self.value):
            nn.init.uniform_(part, -(slot**-0.5), slot**-0.5)

    def forward(self, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Outputs [L, B, O] of inputs [L, B, F], and the state after them."""
        embedded = self.embed(inputs)
        normal = self.before(embedded)
        kept = functional.layer_norm(self.remember(normal), (self.slot - 1,))
        slots, state = self.slide(functional.pad(kept, (0, 1), value=1.0), state)
        hidden = embedded + self._attend(normal, slots.unflatten(1, (-1, self.slot)))
        return self.after(hidden + self.mlp(self.between(hidden))), state

    def _attend(self, normal: torch.Tensor, slots: torch.Tensor) -> torch.Tensor:
        """Attention of L frames [L, B, O] over slots [B, M, S]: [L, B, O]."""
        steps, batch, _ = normal.shape
        query = self.query(normal).view(steps * batch, self.heads, self.head)
        query = torch.matmul(query.transpose(0, 1), self.key) * self.head**-0.5
        query = query.view(self.heads, steps, batch, self.slot).permute(2, 0, 1, 3).flatten(1, 2)
        scores = torch.matmul(query, slots.transpose(1, 2)).float() + self._recency(steps)
        scores = scores.masked_fill(slots[:, None, :, -1] == 0, -torch.inf)
        read = torch.matmul(scores.softmax(-1), slots)
        read = read.view(batch, self.heads, steps, self.slot).permute(1, 2, 0, 3).flatten(1, 2)
        value = torch.matmul(read, self.value).transpose(0, 1).reshape(steps, batch, self.slot)
        return self.attended(value)

    def _recency(self, steps: int) -> torch.Tensor:
        """Bias [heads * L, M] by age; minus infinity for future and for too old frames."""
        slots = torch.arange(SPAN - 1 + steps, device=self.age_bias.device)
        age = SPAN - 1 + slots[:steps, None] - slots
        bias = self.age_bias[:, age.clamp(0, SPAN - 1)]
        return bias.masked_fill((age < 0) | (age >= SPAN), -torch.inf).flatten(0, 1)
