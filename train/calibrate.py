"""What a head's answers are corrected by, set on held-out rows of the training split."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from eval.examples import Example, me_examples, qe_examples
from eval.rows import read_rows
from heads import ClassifierHead, DecoderHead, open_head
from heads.cascade import plan
from heads.selection import LEAST, calibrated, keep
from heads.settings import NEVER, Settings
from indexlm.layout import measure_layout, word_count
from indexlm.output.text import to_text
from indexlm.page import IndexLMError
from train.backbone import load_tokenizer
from train.data.prepare import held_out, is_free
from train.data.rows import load_rows
from train.recipe import Recipe

__all__ = ["calibrate", "calibrate_rows"]

_FLOORS = [i / 25 for i in range(21)]
_HASTES = [i / 2 for i in range(-4, 7)]
_FLAT = 0.002  # of scores that differ by less, the setting that changes least is taken
_SEED = 7
_QUESTIONS = 3  # of each held-out article: the floor hangs on few of them


def calibrate(
    model: Path,
    data: Path,
    text_score: Callable[[str, str], float],
    block_score: Callable[[Sequence[int], Sequence[int]], float],
    error: Callable[[Sequence[float], Sequence[bool]], float],
    threads: int = 0,
) -> dict[str, dict[str, Any]]:
    """Set `calibration` in a checkpoint's config, for ME and QE apart.

    Of a classifier, probabilities are Platt-scaled (scikit-learn's logistic regression on the log-odds of a block's
    score and of the trees' hint), and the floor is what then scores best; the calibration `error` is told before and
    after, the latter measured on one half of the pages with the other half's scaling. It reads the pages that the trees
    decide alone too, for there are few; they are scored with what the trees keep. Of a decoder it is by how much
    the logits of tokens that end an answer are lowered: what scores best. ME is scored by `text_score` (kept text,
    gold text), QE by `block_score` (kept indices, gold indices).
    """
    head = open_head(model, threads=threads)
    settings = head.settings
    pages = list(me_examples(read_rows(data / "me" / "train.parquet", lambda row: is_free(row) and held_out(row))))
    questions = read_rows(data / "qe" / "train.parquet", lambda row: is_free(row) and held_out(row))
    asked = list(qe_examples(questions, pages, _SEED, per_article=_QUESTIONS))
    if not pages or not asked:
        raise IndexLMError(
            f"a head is calibrated on held-out pages and questions; {data} holds {len(pages)} and {len(asked)}"
        )
    looked = [plan(example.page, head.prior, settings.enough) for example in pages]
    decided = [outlook.kept if outlook.suffices else None for outlook in looked]

    def of_text(example: Example, kept: Sequence[int]) -> float:
        return text_score(to_text(example.page, kept), example.text)

    def of_blocks(example: Example, kept: Sequence[int]) -> float:
        return block_score(kept, example.gold)

    if isinstance(head, DecoderHead):
        found = {"me": _less_hasty(head, "me", pages, of_text), "qe": _less_hasty(head, "qe", asked, of_blocks)}
    else:
        head.settings = replace(settings, calibration={}, enough=NEVER, unread=0.0)
        found = {
            "me": _fit(head, pages, decided, of_text, error),
            "qe": _fit(head, asked, [None] * len(asked), of_blocks, error),
        }
    _store(model, settings, found)
    return found


def calibrate_rows(
    model: Path,
    recipe: Recipe,
    block_score: Callable[[Sequence[int], Sequence[int]], float],
    error: Callable[[Sequence[float], Sequence[bool]], float],
) -> dict[str, dict[str, Any]]:
    """Set `calibration` as `calibrate` does, on the rows that the recipe of a classifier's training held out.

    Both tasks are scored by their blocks. Returns nothing for a task without such rows.
    """
    import torch
    from transformers import AutoModelForTokenClassification

    tokenizer = load_tokenizer(recipe)
    rows = load_rows(recipe, tokenizer, "classifier").calibration
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = AutoModelForTokenClassification.from_pretrained(model, dtype=torch.float32).eval().to(device)
    raw: dict[str, list[list[float]]] = {}
    truth: dict[str, list[list[bool]]] = {}
    for row in rows:
        places = row["markers"] if recipe.read == "marker" else row["lasts"]
        with torch.no_grad():
            logits = network(input_ids=torch.tensor([row["ids"]], device=device)).logits[0, places]
        raw.setdefault(row["task"], []).append(logits.float().softmax(-1)[:, 1].tolist())
        truth.setdefault(row["task"], []).append(row["gold"])
    found = {}
    for task, said in raw.items():
        gold = [[i for i, kept in enumerate(page, 1) if kept] for page in truth[task]]
        even = [[1.0] * len(page) for page in said]
        score = partial(_of_page, gold, block_score)
        found[task] = _choose(said, [[0.5] * len(page) for page in said], truth[task], even, score, error)
    _store(model, Settings.read_from(model), found)
    return found


def _of_page(
    gold: Sequence[Sequence[int]],
    block_score: Callable[[Sequence[int], Sequence[int]], float],
    i: int,
    kept: Sequence[int],
) -> float:
    return block_score(kept, gold[i])


def _store(model: Path, settings: Settings, found: dict[str, dict[str, Any]]) -> None:
    path = model / "config.json"
    config = json.loads(path.read_text("utf-8"))
    config["indexlm"] = settings.to_dict()
    config["indexlm"]["calibration"] = {task: chosen["calibration"] for task, chosen in found.items()}
    path.write_text(json.dumps(config, indent=2) + "\n", "utf-8")


def _less_hasty(
    head: DecoderHead, task: str, examples: Sequence[Example], score: Callable[[Example, Sequence[int]], float]
) -> dict[str, Any]:
    def reached(haste: float) -> float:
        head.settings = replace(head.settings, calibration={task: (haste,)})
        return statistics.fmean(score(example, head([example.page])[0].indices) for example in examples)

    found = [reached(haste) for haste in _HASTES]
    smooth = _smooth(found)
    i = min((i for i, s in enumerate(smooth) if s >= max(smooth) - _FLAT), key=lambda i: abs(_HASTES[i]))
    return {
        "calibration": [_HASTES[i]],
        "score": found[i],
        "score_before": found[_HASTES.index(0)],
        "pages": len(examples),
    }


def _best(scores: Sequence[float]) -> int:
    """The place of the best of neighbouring settings."""
    smooth = _smooth(scores)
    return max(range(len(smooth)), key=smooth.__getitem__)


def _smooth(scores: Sequence[float]) -> list[float]:
    """Scores of neighbouring settings -> means over neighbours: a curve is flat and noisy, and its hill is looked for,
    not its luckiest point."""
    return [statistics.fmean(scores[max(0, i - 1) : i + 2]) for i in range(len(scores))]


def _fit(
    head: ClassifierHead,
    examples: Sequence[Example],
    decided: Sequence[Sequence[int] | None],
    score: Callable[[Example, Sequence[int]], float],
    error: Callable[[Sequence[float], Sequence[bool]], float],
) -> dict[str, Any]:
    raw = [list(head([example.page])[0].scores or ()) for example in examples]
    hints = [
        list(head.prior(e.page, measure_layout(e.page))) if head.prior else [0.5] * len(s)
        for e, s in zip(examples, raw, strict=True)
    ]
    truth = [[i in e.gold for i in range(1, len(s) + 1)] for e, s in zip(examples, raw, strict=True)]
    weights = [[1 if e.page.query else word_count(block) for block in e.page.blocks] for e in examples]

    def reached(i: int, kept: Sequence[int]) -> float:
        alone = decided[i]
        return score(examples[i], kept if alone is None else alone)

    return _choose(raw, hints, truth, weights, reached, error)


def _choose(
    raw: Sequence[list[float]],
    hints: Sequence[list[float]],
    truth: Sequence[list[bool]],
    weights: Sequence[Sequence[float]],
    score: Callable[[int, Sequence[int]], float],
    error: Callable[[Sequence[float], Sequence[bool]], float],
) -> dict[str, Any]:
    """Of each page the blocks' probabilities, hints, truth and weights -> the scaling and the floor of its task.

    `score` tells how good kept indices are for a page by its place.
    """
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

    def reached(floor: float) -> float:
        kept = (keep(s, w, floor) for s, w in zip(scaled, weights, strict=True))
        return statistics.fmean(score(i, k) for i, k in enumerate(kept))

    found = [reached(floor) for floor in _FLOORS]
    i = _best(found)
    return {
        "calibration": [round(value, 4) for value in (*scaling, _FLOORS[i])],
        "score": found[i],
        "pages": len(raw),
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
