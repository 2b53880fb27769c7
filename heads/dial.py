"""What `beta` does where no expected F-beta is weighed: to limits of probability, and to a decoder's choices."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_BIAS = 50.0  # whatever a checkpoint states

BETA_POWER = 2.0
"""The `beta_power` of a decoder that is not calibrated: a block left out costs beta squared of a needless one."""


def limit_at(beta: float, limit: float) -> float:
    """The least probability (0 to 1) of what is kept at a beta of 1 -> at `beta`: its odds are divided by that."""
    return limit / (limit + beta * (1 - limit)) if 0 < limit < 1 else limit


def keep_bias(beta: float, power: float) -> float:
    """By how much (nats) the log-odds of keeping rise at every choice of a decoder: 0 for a beta of 1."""
    return 0.0 if beta == 1 else min(max(power * log(beta), -_MOST_BIAS), _MOST_BIAS)


def biased_number(numbers: Sequence[int], logits: NDArray[np.float32], bias: float, is_end: bool) -> int:
    """The numbers that an interval may start (or end) with, and the logit of each -> the place of the one to write.

    Line n is in the interval if this starts at n or before (ends at n or after), and is taken in where the log-odds of
    that are at least `-bias`. The number that follows is written where it keeps more lines than the likeliest number,
    or with a negative bias fewer. So a bias of 0 writes the likeliest.
    """
    likeliest = int(logits.argmax())
    lines = np.array(numbers) * (-1 if is_end else 1)  # the less, the more is kept
    shares = np.exp(logits.astype(np.float64) - float(logits.max()))
    order = np.argsort(lines, kind="stable")
    odds = np.cumsum(shares[order]) / shares.sum() >= 1 / (1 + exp(bias))
    first = lines[order[int(odds.argmax()) if odds.any() else -1]]
    line = (min if bias > 0 else max)(int(lines[likeliest]), int(first))
    return int(np.where(lines == line, logits, -np.inf).argmax()) if bias else likeliest
