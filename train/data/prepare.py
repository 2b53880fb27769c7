"""Examples to tokenized windows on disk: what both heads are trained from."""

from __future__ import annotations

import json
import random
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eval.examples import Example, crop, me_examples, qe_examples
from eval.rows import read_rows
from heads.encoding import encode
from heads.settings import Settings
from heads.trees import TreeScorer, load_trees
from indexlm.layout import measure_layout, word_count
from indexlm.page import IndexLMError, Page
from indexlm.prompt import PROFILES
from train.data.facts import fact_examples
from train.tokenizer import train_tokenizer
from train.trees import FOLDS, fold, train_trees

__all__ = ["FREE_LICENCES", "augment", "build", "held_out", "is_free"]

FREE_LICENCES = ("CC-BY-4.0", "CC-BY-SA-", "CC0-1.0", "Apache-2.0", "MIT")
"""What the shipped models may be trained on; a name that ends in a hyphen stands for all its versions."""

_WINDOWS_PER_PAGE = 8  # of a page in one epoch: one of 2,000 blocks shall not count as ten
_EMPTY_SHARE = 0.4  # of the windows of a QE page that hold no answer
_FACTS = 0.2  # pages of `train.facts`, for each page that an article is laid into
_EXCERPTS = 0.3  # of the pages that an article is laid into
_TOKENIZER_PAGES = 600
_ENOUGH = 0.9  # expected F1: where the trees expect it (two of three WCXB training pages), they reach 0.958 unseen
_UNREAD = 0.02  # of the words: on held-out pages a third of the tokens, and no F1
_STATED = (
    "profile",
    "block_units",
    "query_units",
    "window_tokens",
    "trees",
    "enough",
    "unread",
)  # what a checkpoint trained on them needs


def is_free(row: dict[str, Any]) -> bool:
    """Whether a row's stated licence is one of `FREE_LICENCES`."""
    licence = row["license"] or ""
    return any(licence == name or (name.endswith("-") and licence.startswith(name)) for name in FREE_LICENCES)


def held_out(row: dict[str, Any]) -> bool:
    """Whether a training row is kept for calibration: one domain (or title) in twenty."""
    key = urlsplit(row["url"]).hostname if row.get("url") else row.get("title") or row["id"]
    return zlib.crc32(str(key).encode()) % 20 == 0


def prepare(
    data: Path, out: Path, *, vocabulary: int, epochs: int, articles: int, seed: int, **rendering: Any
) -> dict[str, int]:
    """The licensed rows of `data/me` and `data/qe` -> `out/tokenizer.json` and `out/windows.parquet`; returns counts.

    `rendering` changes settings of the shipped models: `profile`, `block_units`, `query_units`, `window_tokens`. A
    `plain` prompt shows nothing of the trees, and they decide no page.

    Every epoch holds all ME pages, `articles` QE pages and a fifth as many pages of facts, each augmented anew. The
    trees whose hints the windows show come first (`out/trees.onnx`; each page has its hints from trees that have not
    seen its domain); they and the tokenizer are kept where they are there. The same seed gives the same files.
    """
    from tokenizers import Tokenizer

    if rendering.get("profile", PROFILES[0]) not in PROFILES:
        raise IndexLMError(f"a profile is {' or '.join(PROFILES)}; found {rendering['profile']!r}")
    rows = read_rows(data / "me" / "train.parquet", lambda row: is_free(row) and not held_out(row))
    pages = list(me_examples(rows))
    questions = read_rows(data / "qe" / "train.parquet", lambda row: is_free(row) and not held_out(row))
    if not (out / "trees.onnx").exists():
        train_trees(pages, out, seed=seed)
    folds = [load_trees(out / "folds" / f"{k}.onnx").scores for k in range(FOLDS)]
    rng = random.Random(seed)
    asked = list(qe_examples(rng.sample(questions, min(_TOKENIZER_PAGES, len(questions))), pages, seed, per_article=1))
    hinted = rendering.get("profile", "structural") == "structural"
    alone: dict[str, Any] = {"enough": _ENOUGH, "unread": _UNREAD} if hinted else {}
    settings = Settings("classifier", overlap=0, trees=hinted, **alone, **rendering)
    sample = rng.sample(pages, min(_TOKENIZER_PAGES, len(pages)))
    if not (out / "tokenizer.json").exists():
        shown = (e.page for e in [*sample, *asked])
        train_tokenizer(shown, vocabulary, settings, out, lambda page, figures: folds[fold(page)](page, figures))
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    counts: Counter[str] = Counter()
    windows = _windows(pages, questions, tokenizer, settings, folds, epochs, articles, rng, counts)
    _write(windows, settings, out / "windows.parquet")
    return dict(counts)


def _windows(
    pages: Sequence[Example],
    questions: Sequence[dict[str, Any]],
    tokenizer: Any,
    settings: Settings,
    folds: Sequence[TreeScorer],
    epochs: int,
    articles: int,
    rng: random.Random,
    counts: Counter[str],
) -> Iterator[dict[str, Any]]:
    prose = [text for row in questions if row["lang"] == "en" for text in row["paragraphs"]]
    for epoch in range(epochs):
        chosen = rng.sample(questions, min(articles, len(questions)))
        laid = qe_examples(chosen, pages, rng.randrange(1 << 30), per_article=1)
        asked = (crop(example, rng) if rng.random() < _EXCERPTS else example for example in laid)
        facts = fact_examples(prose, int(_FACTS * len(chosen)) if prose else 0, rng.randrange(1 << 30))
        found: list[dict[str, Any]] = []
        for example in chain(pages, asked, facts):
            task = "qe" if example.page.query else "me"
            unseen = folds[fold(example.page)]
            example = augment(example, rng)
            gold = set(example.gold)
            figures = measure_layout(example.page)
            scores = unseen(example.page, figures)
            # Windows of many lengths, so that a page is cut at other places in every epoch.
            cut = replace(settings, window_tokens=rng.randint(settings.window_tokens * 5 // 8, settings.window_tokens))
            windows = encode(example.page, tokenizer, cut, scores if settings.trees else None, figures)
            if task == "me":
                windows = [w for w in windows if rng.random() < _worth(scores[w.bounds[0] : w.bounds[-1]])]
            for window in rng.sample(windows, min(_WINDOWS_PER_PAGE, len(windows))):
                kept = [_mostly(example.page, start, stop, gold) for start, stop in pairwise(window.bounds)]
                if task == "qe" and not any(kept) and rng.random() >= _EMPTY_SHARE:
                    continue
                counts[f"{task} windows"] += 1
                counts["tokens"] += len(window.ids)
                found.append(
                    {
                        "epoch": epoch,
                        "task": task,
                        "ids": window.ids,
                        "markers": window.markers,
                        "lasts": window.lasts,
                        "gold": kept,
                        "settled": window.settled,
                    }
                )
        rng.shuffle(found)
        yield from found


def _mostly(page: Page, start: int, stop: int, gold: set[int]) -> bool:
    """Whether of the blocks from `start` to `stop` those to keep hold more words."""
    words = [word_count(block) * (1 if block.index in gold else -1) for block in page.blocks[start:stop]]
    return sum(words) > 0


def _worth(scores: Sequence[float]) -> float:
    """How often a window with these hints is trained on: seldom, where there is nothing to decide.

    It depends on what the prompt shows and not on the labels, so that probabilities stay what they are.
    """
    return 0.1 + 2 * sum(p * (1 - p) for p in scores)


def augment(example: Example, rng: random.Random) -> Example:
    """An example as it might also have been: a few blocks gone, class words, URL, title or stated kinds missing."""
    page = example.page
    gold = set(example.gold)
    rate = rng.choice((0.0, 0.05, 0.15))
    kept = [block for block in page.blocks if rng.random() >= rate] or list(page.blocks)
    if rng.random() < 0.3 and len(kept) > 20:  # a part of the page that is not there, as a menu may be
        start = rng.randrange(len(kept))
        del kept[start : start + rng.randrange(len(kept) // 4)]
    forgotten_rate = rng.choice((0.0, 0.1, 0.3, 0.7))
    words = {word for block in kept for label in block.path for word in label.split(".")[1:]}
    forgotten = {word for word in sorted(words) if rng.random() < forgotten_rate}
    labels: dict[str, str] = {}

    def relabel(label: str) -> str:
        if label not in labels:
            tag, *names = label.split(".")
            labels[label] = ".".join([tag, *(name for name in names if name not in forgotten)])
        return labels[label]

    blocks = tuple(replace(block, index=i, path=tuple(map(relabel, block.path))) for i, block in enumerate(kept, 1))
    page = replace(
        page,
        blocks=blocks,
        url="" if rng.random() < 0.5 else page.url,
        title="" if rng.random() < 0.2 else page.title,
        kinds=() if rng.random() < 0.3 else page.kinds,
    )
    return replace(example, page=page, gold=tuple(i for i, block in enumerate(kept, 1) if block.index in gold))


def _write(rows: Iterable[dict[str, Any]], settings: Settings, path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema(
        [
            ("epoch", pa.int8()),
            ("task", pa.string()),
            ("ids", pa.list_(pa.uint16())),
            ("markers", pa.list_(pa.uint16())),
            ("lasts", pa.list_(pa.uint16())),
            ("gold", pa.list_(pa.bool_())),
            ("settled", pa.list_(pa.bool_())),
        ],
        metadata={"indexlm": json.dumps({name: getattr(settings, name) for name in _STATED})},
    )
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        batch: list[dict[str, Any]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == 2000:
                writer.write_table(pa.Table.from_pylist(batch, schema))
                batch.clear()
        if batch:
            writer.write_table(pa.Table.from_pylist(batch, schema))
