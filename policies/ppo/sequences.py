"""Rollouts cut at episode starts, so that an LSTM runs over a minibatch in a few calls.

A recurrent state must be zero at an episode's first step. Resetting it step by step is slow; here
each environment's steps are cut where an episode starts, the pieces are laid side by side, and
only the features (never the frames) are padded.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import torch
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from torch import nn

from policies.networks.step import State, States, encode, read_heads

CALL = 60
"""Fixed cost of an LSTM call, in rows: measured on two CPU cores, both passes."""


class Sequences(NamedTuple):
    """Positions of a minibatch's steps, once its sequences are laid side by side.

    Sequences are sorted from the longest to the shortest. Time is divided into blocks of a few
    steps, and a block holds only the sequences that reach it, so that little is padded.

    Attributes:
        blocks: (steps, sequences) of each block, B of them; rows is the sum of the products.
        place: int64[T * E], row over all blocks of each step, in the order (t, env).
        env: int64[S], the environment each sequence was cut from.
        carried: bool[S], whether the sequence begins with its environment's stored state
            (rather than with zeros).
    """

    blocks: tuple[tuple[int, int], ...]
    place: torch.Tensor
    env: torch.Tensor
    carried: torch.Tensor


def spans(reaching: list[int], call: int = CALL) -> list[int]:
    """Divides time into blocks of the least total cost of rows and calls.

    A block has a row for each of its steps and each sequence that reaches its first step.

    Args:
        reaching: Sequences that reach each step; never rises.
        call: Fixed cost of a block, in rows.

    Returns:
        Steps of each block.
    """
    end = len(reaching)
    cheapest, length = [0] * (end + 1), [0] * (end + 1)
    for begin in reversed(range(end)):
        cheapest[begin], length[begin] = min(
            (call + steps * reaching[begin] + cheapest[begin + steps], steps)
            for steps in range(1, end - begin + 1)
        )
    blocks, begin = [], 0
    while begin < end:
        blocks.append(length[begin])
        begin += length[begin]
    return blocks


def cut(starts: torch.Tensor, call: int = CALL) -> Sequences:
    """Cuts E environments' steps at episode starts.

    Args:
        starts: bool[T, E], whether the step is the first of an episode.
        call: Fixed cost of an LSTM call, in rows.
    """
    steps = starts.shape[0]
    heads = starts.clone()
    heads[0] = True
    time = torch.arange(steps, device=starts.device).unsqueeze(1)
    since = time - torch.where(heads, time, 0).cummax(dim=0).values
    sequence = (heads.T.flatten().cumsum(0) - 1).view(-1, steps).T
    lengths = sequence.flatten().bincount()
    order = lengths.argsort(descending=True, stable=True)
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order), device=order.device)

    reaching = (len(order) - lengths.bincount().cumsum(0))[:-1].tolist()
    parts = spans(reaching, call)
    first = list(itertools.accumulate(parts[:-1], initial=0))
    blocks = tuple((part, reaching[begin]) for part, begin in zip(parts, first, strict=True))
    offset = torch.tensor([0, *(part * count for part, count in blocks)]).cumsum(0)
    offset, width = offset.to(starts.device), torch.tensor(blocks, device=starts.device)[:, 1]
    begins = torch.tensor(first, device=starts.device)
    index = torch.bucketize(since, begins, right=True) - 1
    place = offset[index] + (since - begins[index]) * width[index] + rank[sequence]

    env, begin = heads.T.nonzero(as_tuple=True)
    carried = (begin == 0) & ~starts[0, env]
    return Sequences(blocks, place.flatten(), env[order], carried[order])


def run_lstm(
    lstm: nn.LSTM, features: torch.Tensor, state: State, sequences: Sequences
) -> torch.Tensor:
    """Runs an LSTM over cut sequences, one call per block.

    Args:
        lstm: Takes [L, S, F].
        features: [T * E, F] in the order (t, env).
        state: Stored state at the first step of each environment, each [layers, E, H].
        sequences: From `cut`.

    Returns:
        Outputs [T * E, H], in the order of `features`.
    """
    areas = [steps * count for steps, count in sequences.blocks]
    padded = features.new_zeros(sum(areas), features.shape[1])
    padded = padded.index_copy(0, sequences.place, features)
    keep = sequences.carried.view(1, -1, 1)
    hidden, cell = (part[:, sequences.env] * keep for part in state)
    outputs = []
    for rows, (steps, count) in zip(padded.split(areas), sequences.blocks, strict=True):
        before = (hidden[:, :count].contiguous(), cell[:, :count].contiguous())
        output, (hidden, cell) = lstm(rows.view(steps, count, -1), before)
        outputs.append(output.flatten(0, 1))
    return torch.cat(outputs).index_select(0, sequences.place)


def evaluate_sequences(
    policy: RecurrentActorCriticPolicy,
    frames: torch.Tensor,
    actions: torch.Tensor,
    states: States,
    sequences: Sequences,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Computes the policy's `evaluate_actions` over cut sequences.

    Args:
        policy: A recurrent policy over discrete actions.
        frames: uint8[T * E, C, H, W] in the order (t, env).
        actions: int64[T * E].
        states: Stored states of the E environments at their first step.
        sequences: From `cut`.

    Returns:
        Values, log-probabilities of the actions and entropies, each float32[T * E].
    """
    for_actor, for_critic = encode(policy, frames)
    latent_pi = run_lstm(policy.lstm_actor, for_actor, states.pi, sequences)
    if policy.lstm_critic is not None:
        latent_vf = run_lstm(policy.lstm_critic, for_critic, states.vf, sequences)
    elif policy.shared_lstm:
        latent_vf = latent_pi.detach()
    else:
        assert policy.critic is not None
        latent_vf = policy.critic(for_critic)
    log_probs, values = read_heads(policy, latent_pi, latent_vf)
    entropies = -(log_probs.exp() * log_probs).sum(-1)
    return values, log_probs.gather(1, actions.unsqueeze(1)).squeeze(1), entropies
