"""One stage of tuning: passes over lessons, and the average of the weights on the way.

Averages of weights from the end of a stage read new text better than its last step does, and cost
nothing when reading.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch.nn import functional

from nlp.encoder import pieces, written
from nlp.models import Floats
from nlp.training.lesson import Lesson, Showing, batches, rarity, shown
from nlp.training.network import HEAD_PARTS, Network
from nlp.training.vocabulary import SPECIAL

_PAD, _UNKNOWN = 1, 3
_BATCH = 32
_READ_AT_ONCE = 64
_HIDDEN = 0.05  # share of pieces hidden a pass, so that no single word is all that is looked at
_WARM = 0.06  # share of the steps in which the rate rises
_EVERY = 40  # steps between two weights of a running average
_TOLD_EVERY = 100
# How much the loss of each question counts: relevance and tone ask once, topics eighteen times.
_LOSS = {"education": 1.0, "foreign": 0.3, "topic": 0.5, "risk": 0.7}

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Stage:
    """How one stage learns.

    ``rate`` is for the base model, ``head_rate`` for the heads, both falling to ``floor`` of
    themselves. ``rare_most`` bounds the weight of a rare topic's yes; ``risk`` weighs the yes of
    risk 1, 2 and 3. ``running_from`` is the share of the steps from which weights are averaged;
    without it the last two passes are, by ``last`` and the rest.
    """

    name: str
    passes: int
    rate: float
    head_rate: float
    showing: Showing
    floor: float
    rare_most: float
    risk: tuple[float, float, float]
    running_from: float | None = None
    last: float = 0.6


def learn(
    network: Network,
    tokenizer: Tokenizer,
    lessons: Sequence[Lesson],
    heads: Sequence[str],
    stage: Stage,
    *,
    seed: int,
    progress: Progress,
) -> None:
    """Tune a network in place and leave the averaged weights in it; the seed fixes every draw."""
    torch.manual_seed(seed)
    dice = random.Random(seed)  # noqa: S311 (repeatable on purpose, nothing secret)
    wanted = np.stack([lesson.answers for lesson in lessons])
    weight = np.array([lesson.weight for lesson in lessons], dtype=np.float32)
    yes = rarity(wanted, heads, stage.rare_most)
    yes[-3:] = stage.risk
    yes_of = torch.from_numpy(yes)
    steps = stage.passes * math.ceil(len(lessons) / _BATCH)
    optimiser, schedule = _optimiser(network, stage, steps)
    average: dict[str, Any] = {}
    before: dict[str, Any] = {}
    averaged = step = 0
    began = time.monotonic()
    for number in range(1, stage.passes + 1):
        rows = [pieces(tokenizer, *shown(o.item, stage.showing, dice)) for o in lessons]
        network.train()
        total = 0.0
        for batch in batches([len(row) for row in rows], _BATCH, dice):
            ids, mask = padded([rows[at] for at in batch])
            hide = (torch.rand(ids.shape) < _HIDDEN) & mask & (ids >= SPECIAL)
            ids = torch.where(hide, torch.full_like(ids, _UNKNOWN), ids)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                scores = network(ids, mask)
            loss = loss_of(
                scores,
                torch.from_numpy(wanted[batch]),
                torch.from_numpy(weight[batch]),
                yes_of,
                heads,
            )
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            schedule.step()
            step += 1
            total += loss.item()
            last = step == steps
            due = step % _EVERY == 0 or (last and not averaged)
            if stage.running_from is not None and step > stage.running_from * steps and due:
                averaged += 1
                average = _mixed(average, network.state_dict(), 1 / averaged)
            if step % _TOLD_EVERY == 0 or last:
                spent = time.monotonic() - began
                progress(f"{stage.name}: step {step}/{steps}, loss {loss.item():.2f}, {spent:.0f}s")
        progress(f"{stage.name}: pass {number}, loss {total * _BATCH / len(lessons):.3f}")
        if stage.running_from is None:
            before, average = average, _mixed({}, network.state_dict(), 1.0)
    if before:
        average = _mixed(before, average, stage.last)
    network.load_state_dict(average)


def loss_of(
    scores: torch.Tensor,
    wanted: torch.Tensor,
    weight: torch.Tensor,
    yes: torch.Tensor,
    heads: Sequence[str],
) -> torch.Tensor:
    """Return the weighted loss of a batch; answers that are NaN ask nothing.

    Tones exclude each other and are asked as one question, everything else as yes or no.
    """
    asked = ~torch.isnan(wanted)
    answers = torch.nan_to_num(wanted)
    single = functional.binary_cross_entropy_with_logits(
        scores, answers, reduction="none", pos_weight=yes
    )
    share = torch.tensor([_LOSS.get(head.split(":")[0].split(">")[0], 0.0) for head in heads])
    tones = [at for at, head in enumerate(heads) if head.startswith("sentiment:")]
    tone = -(answers[:, tones] * functional.log_softmax(scores[:, tones], 1)).sum(1)
    each = (single * asked * share).sum(1) + tone
    return (each * weight).sum() / weight.sum()


def read(network: Network, tokenizer: Tokenizer, items: Sequence[Any]) -> Floats:
    """Return the network's raw scores of items, shape (items, heads)."""
    network.eval()
    rows = [pieces(tokenizer, *written(item)) for item in items]
    out: NDArray[np.float32] = np.zeros((len(rows), network.mean.out_features), dtype=np.float32)
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for batch in batches([len(row) for row in rows], _READ_AT_ONCE):
            out[batch] = network(*padded([rows[at] for at in batch])).float().numpy()
    return out


def padded(rows: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return ``(ids, mask)`` of shape (rows, longest row), the mask True where a piece is."""
    longest = max(map(len, rows))
    ids = torch.full((len(rows), longest), _PAD, dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.bool)
    for at, row in enumerate(rows):
        ids[at, : len(row)] = torch.tensor(row)
        mask[at, : len(row)] = True
    return ids, mask


def _optimiser(network: Network, stage: Stage, steps: int) -> tuple[Any, Any]:
    named = list(network.named_parameters())
    head = [p for name, p in named if name.split(".")[0] in HEAD_PARTS]
    body = [p for name, p in named if name.split(".")[0] not in HEAD_PARTS]
    optimiser = torch.optim.AdamW(
        [{"params": body, "lr": stage.rate}, {"params": head, "lr": stage.head_rate}],
        weight_decay=0.01,
        fused=True,
    )
    warm = max(1, round(_WARM * steps))

    def rate(step: int) -> float:
        falling = 1 - max(0, step - warm) / max(1, steps - warm)
        return min(1.0, (step + 1) / warm) * max(stage.floor, falling)

    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, rate)


def _mixed(old: Mapping[str, Any], new: Mapping[str, Any], share: float) -> dict[str, Any]:
    """Return ``old`` moved towards ``new`` by a share; a copy of ``new`` if there is no old."""
    if not old:
        return {name: value.clone() for name, value in new.items()}
    return {name: old[name] + (value - old[name]) * share for name, value in new.items()}
