"""The classifier's thresholds, chosen on held-out rows of the training split."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

from heads import ClassifierHead, open_head
from indexlm.assemble import to_text
from indexlm.examples import me_examples, qe_examples, read_rows
from indexlm.page import Example, IndexLMError
from train.build import held_out, is_free

__all__ = ["choose"]

_STEPS = [i / 50 for i in range(2, 49)]
_SEED = 7


def choose(
    model: Path,
    data: Path,
    text_score: Callable[[str, str], float],
    block_score: Callable[[list[int], tuple[int, ...]], float],
    threads: int = 0,
) -> dict[str, float]:
    """Set `thresholds` in a checkpoint's config to what scores best on the held-out training rows.

    ME is scored by `text_score` (kept text, gold text), QE by `block_score` (kept indices, gold indices). Returns
    the thresholds and the mean scores that they reach there.
    """

    head = open_head(model, threads=threads)
    if not isinstance(head, ClassifierHead):
        raise IndexLMError(f"a threshold belongs to a classifier; {model} is a decoder")
    pages = list(me_examples(read_rows(data / "me" / "train.parquet", lambda row: is_free(row) and held_out(row))))
    questions = read_rows(data / "qe" / "train.parquet", lambda row: is_free(row) and held_out(row))
    asked = list(qe_examples(questions, pages, _SEED, per_article=1))
    me, me_score = _best(head, pages, lambda e, kept: text_score(to_text(e.page, kept), e.text))
    qe, qe_score = _best(head, asked, lambda e, kept: block_score(kept, e.gold))
    path = model / "config.json"
    config = json.loads(path.read_text("utf-8"))
    config["indexlm"]["thresholds"] = {"me": me, "qe": qe}
    path.write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    return {
        "me": me,
        "me_score": me_score,
        "me_pages": len(pages),
        "qe": qe,
        "qe_score": qe_score,
        "qe_pages": len(asked),
    }


def _best(
    head: ClassifierHead, examples: Sequence[Example], score: Callable[[Example, list[int]], float]
) -> tuple[float, float]:
    predictions = [head([example.page])[0].scores or () for example in examples]
    reached = [
        statistics.fmean(
            score(example, [i for i, p in enumerate(scores, 1) if p >= step])
            for example, scores in zip(examples, predictions, strict=True)
        )
        for step in _STEPS
    ]
    # The curve is flat and noisy: the mean over neighbours finds its hill, not its luckiest point.
    smooth = [statistics.fmean(reached[max(0, i - 2) : i + 3]) for i in range(len(reached))]
    i = max(range(len(smooth)), key=smooth.__getitem__)
    return _STEPS[i], reached[i]
