"""The classifier's probabilities and its floors, set on held-out rows of the training split."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from heads import ClassifierHead, open_head
from heads.decide import LEAST, calibrated, keep
from indexlm.assemble import to_text
from indexlm.examples import me_examples, qe_examples, read_rows
from indexlm.figures import measure, size
from indexlm.page import Example, IndexLMError
from train.build import held_out, is_free

__all__ = ["calibrate"]

_FLOORS = [i / 25 for i in range(21)]
_SEED = 7


def calibrate(
    model: Path,
    data: Path,
    text_score: Callable[[str, str], float],
    block_score: Callable[[Sequence[int], Sequence[int]], float],
    error: Callable[[Sequence[float], Sequence[bool]], float],
    threads: int = 0,
) -> dict[str, dict[str, Any]]:
    """Set `calibration` in a checkpoint's config, for ME and QE apart.

    Probabilities are Platt-scaled (scikit-learn's logistic regression on the log-odds of a block's score and of the
    trees' hint). The floor is what then scores best: ME by `text_score` (kept text, gold text), QE by `block_score`
    (kept indices, gold indices). Returns both with the score reached and the calibration `error` before and after;
    after is measured on one half of the pages with the other half's scaling.
    """
    head = open_head(model, threads=threads)
    if not isinstance(head, ClassifierHead):
        raise IndexLMError(f"probabilities are a classifier's; {model} is a decoder")
    settings = head.settings
    head.settings = replace(settings, calibration={})
    pages = list(me_examples(read_rows(data / "me" / "train.parquet", lambda row: is_free(row) and held_out(row))))
    questions = read_rows(data / "qe" / "train.parquet", lambda row: is_free(row) and held_out(row))
    asked = list(qe_examples(questions, pages, _SEED, per_article=1))
    if not pages or not asked:
        raise IndexLMError(
            f"probabilities are scaled on held-out pages and questions; {data} holds {len(pages)} and {len(asked)}"
        )
    found = {
        "me": _fit(head, pages, lambda e, kept: text_score(to_text(e.page, kept), e.text), error),
        "qe": _fit(head, asked, lambda e, kept: block_score(kept, e.gold), error),
    }
    path = model / "config.json"
    config = json.loads(path.read_text("utf-8"))
    config["indexlm"] = settings.to_dict()
    config["indexlm"]["calibration"] = {task: chosen["calibration"] for task, chosen in found.items()}
    path.write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    return found


def _fit(
    head: ClassifierHead,
    examples: Sequence[Example],
    score: Callable[[Example, Sequence[int]], float],
    error: Callable[[Sequence[float], Sequence[bool]], float],
) -> dict[str, Any]:
    raw = [list(head([example.page])[0].scores or ()) for example in examples]
    hints = [
        list(head.prior(e.page, measure(e.page))) if head.prior else [0.5] * len(s)
        for e, s in zip(examples, raw, strict=True)
    ]
    truth = [[i in e.gold for i in range(1, len(s) + 1)] for e, s in zip(examples, raw, strict=True)]
    before = error(list(chain(*raw)), list(chain(*truth)))
    halves = [slice(0, None, 2), slice(1, None, 2)]
    said: list[float] = []
    was: list[bool] = []
    for one, other in (halves, halves[::-1]):
        scaling = _scaling(raw[one], hints[one], truth[one])
        for scores, hint, true in zip(raw[other], hints[other], truth[other], strict=True):
            said += calibrated(scores, hint, scaling)
            was += true
    scaling = _scaling(raw, hints, truth)
    scaled = [calibrated(scores, hint, scaling) for scores, hint in zip(raw, hints, strict=True)]
    weights = [[1 if e.page.query else size(block) for block in e.page.blocks] for e in examples]

    def reached(floor: float) -> float:
        kept = (keep(s, w, floor) for s, w in zip(scaled, weights, strict=True))
        return statistics.fmean(score(e, k) for e, k in zip(examples, kept, strict=True))

    found = [reached(floor) for floor in _FLOORS]
    # The curve is flat and noisy: the mean over neighbours finds its hill, not its luckiest point.
    smooth = [statistics.fmean(found[max(0, i - 1) : i + 2]) for i in range(len(found))]
    i = max(range(len(smooth)), key=smooth.__getitem__)
    return {
        "calibration": [round(value, 4) for value in (*scaling, _FLOORS[i])],
        "score": found[i],
        "pages": len(examples),
        "error_before": before,
        "error_after": error(said, was),
    }


def _scaling(
    raw: Sequence[list[float]], hints: Sequence[list[float]], truth: Sequence[list[bool]]
) -> tuple[float, float, float]:
    """Probabilities, hints and truth of pages -> what their log-odds are multiplied with, and a shift (Platt)."""
    from sklearn.linear_model import LogisticRegression

    true = list(chain(*truth))
    if len(set(true)) < 2:
        return 1.0, 0.0, 0.0
    columns = [np.clip(list(chain(*values)), LEAST, 1 - LEAST) for values in (raw, hints)]
    fitted = LogisticRegression(C=inf).fit(np.stack([np.log(p / (1 - p)) for p in columns], axis=1), true)
    return float(fitted.coef_[0, 0]), float(fitted.coef_[0, 1]), float(fitted.intercept_[0])
