"""What a process runs in place of a model; here, so that it imports neither tests nor torch."""

from __future__ import annotations

from typing import Any

import numpy as np


def load_sums() -> Any:
    """A scorer in place of a model: at each place the window's length and the sum of its ids; it does not know 499."""

    def score(batch: Any, places: Any) -> Any:
        if any(499 in window for window in batch):
            raise ValueError("a token that it does not know")
        return [np.array([[len(ids), sum(ids)]] * len(at), np.float32) for ids, at in zip(batch, places, strict=True)]

    return score
