"""Examples -> tokenized windows on disk: what the shipped models are trained on."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.examples import Example, crop, me_examples, qe_examples, shorten
from eval.rows import read_rows
from heads.encoding import Window, encode
from heads.settings import Settings, task_of
from heads.trees import TreeScorer, load_trees
from indexlm.layout import measure_layout, word_count
from indexlm.page import IndexLMError, Page
from indexlm.prompt import PROFILES, Profile
from train.data.facts import fact_examples
from train.data.mixture import HELD_OUT_SOURCES, Mixture, read_mixture
from train.data.sources import is_free
from train.data.splits import hash_of, split_key
from train.data.writer import RENDERING
from train.tokenizer import train_tokenizer
from train.trees import FOLDS, fold, train_trees

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MAX_WINDOWS = 8  # of a page in one epoch, so that a page of 2,000 blocks does not count as ten
_EMPTY_SHARE = 0.4  # of the windows of a QE page that hold no answer
_FACTS_SHARE = 0.2  # pages of `train.data.facts`, for each page that an article is embedded in
_EXCERPTS_SHARE = 0.3  # of the pages that an article is embedded in
_TOKENIZER_PAGES = 600
_TOKENIZER_CHARS = 200_000  # of each language
_TEXT_CHARS = 500_000  # of each language
_MIN_TEXT_TOKENS = 24
_ROWS_AT_ONCE = 2000
_SKIP_MODEL_MIN_F1 = 0.9  # the trees reach 0.958 on the unseen pages where they expect it, two of three WCXB pages
_SKIP_WINDOW_MAX_F1_LOSS = 0.02  # on held-out pages this saves a third of the tokens and costs no F1
_METADATA = (*RENDERING, "window_tokens", "trees", "skip_model_min_f1", "skip_window_max_f1_loss")
"""The settings that a checkpoint takes from the windows it was trained on."""


def window_settings(
    profile: Profile = "structural", window_tokens: int = 384, block_units: int = 8, query_units: int = 32
) -> Settings:
    """The settings of windows. A `plain` prompt shows no tree scores, and the trees decide no page."""
    if profile not in PROFILES:
        raise IndexLMError(f"a profile is {' or '.join(PROFILES)}; found {profile!r}")
    has_trees = profile == "structural"
    return Settings(
        "classifier",
        profile=profile,
        block_units=block_units,
        query_units=query_units,
        window_tokens=window_tokens,
        overlap=0,
        trees=has_trees,
        skip_model_min_f1=_SKIP_MODEL_MIN_F1 if has_trees else None,
        skip_window_max_f1_loss=_SKIP_WINDOW_MAX_F1_LOSS if has_trees else 0.0,
    )


def is_held_out(row: Mapping[str, Any]) -> bool:
    """Whether a training row is kept for calibration: one domain (or title) in twenty, and some sources as a whole."""
    is_dev = row.get("split") == "dev"
    return is_dev or row.get("source") in HELD_OUT_SOURCES or hash_of(split_key(row)) % 20 == 0


def prepare_windows(
    data: Path,
    out: Path,
    settings: Settings,
    *,
    vocabulary: int = 16384,
    epochs: int = 2,
    articles: int = 14000,
    seed: int = 42,
) -> dict[str, int]:
    """The licensed rows of a data folder -> `out/tokenizer.json`, `out/windows.parquet` and `out/text.parquet`.

    Returns counts. `text.parquet` holds running text, for a language model to begin with.

    `vocabulary` is the tokens of the tokenizer. Each of the `epochs` holds all ME pages, augmented anew, short parts of
    them, as many QE pages as `articles` (`train.data.mixture`), and a fifth as many pages of facts. The trees come
    first (`out/trees.onnx`). The windows of a page show the scores of trees that have not seen its domain. Trees and a
    tokenizer that are in `out` already are kept. The same `seed` gives the same files.
    """
    from tokenizers import Tokenizer

    pages = list(me_examples(read_rows(data / "me" / "train.parquet", _is_trained_on)))
    mixture = read_mixture(data, _is_trained_on)
    if not (out / "trees.onnx").exists():
        train_trees(pages, out, seed=seed)
    folds = [load_trees(out / "folds" / f"{k}.onnx").scores for k in range(FOLDS)]
    rng = random.Random(seed)
    if not (out / "tokenizer.json").exists():
        question_pages = qe_examples([*mixture.draw(_TOKENIZER_PAGES, rng)], pages, seed, per_article=1)
        sample = chain(rng.sample(pages, min(_TOKENIZER_PAGES, len(pages))), question_pages)
        texts = mixture.texts(_TOKENIZER_CHARS, rng)
        scorer = lambda page, layout: folds[fold(page)](page, layout)  # noqa: E731
        train_tokenizer((e.page for e in sample), vocabulary, settings, out, scorer, texts)
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    counts: Counter[str] = Counter()

    def rows() -> Iterator[dict[str, Any]]:
        """The windows of all epochs, each epoch shuffled."""
        for epoch in range(epochs):
            epoch_rows = []
            for example in _epoch_examples(pages, mixture, articles, rng):
                task = task_of(example.page.query)
                for window, gold in _draw_windows(example, folds[fold(example.page)], tokenizer, settings, rng):
                    counts[f"{task} windows"] += 1
                    counts["tokens"] += len(window.ids)
                    epoch_rows.append(window._asdict() | {"epoch": epoch, "task": task, "gold": gold})
            rng.shuffle(epoch_rows)
            yield from epoch_rows

    _write(rows(), settings, out / "windows.parquet")
    _write(_text_rows(mixture, tokenizer, settings, random.Random(seed)), settings, out / "text.parquet")
    return dict(counts)


def _text_rows(
    mixture: Mixture, tokenizer: Tokenizer, settings: Settings, rng: random.Random
) -> Iterator[dict[str, Any]]:
    """Running text of each language in windows without blocks, shuffled, for a language model."""
    rows = []
    for text in mixture.texts(_TEXT_CHARS, rng):
        ids = tokenizer.encode(text).ids
        for start in range(0, len(ids), settings.window_tokens):
            if len(part := ids[start : start + settings.window_tokens]) >= _MIN_TEXT_TOKENS:
                rows.append({"ids": part} | {key: [] for key in ("markers", "lasts", "gold", "fixed")})
    rng.shuffle(rows)
    return ({"epoch": 0, "task": "qe"} | row for row in rows)


def _is_trained_on(row: dict[str, Any]) -> bool:
    return is_free(row["license"]) and not is_held_out(row)


def _epoch_examples(pages: Sequence[Example], mixture: Mixture, articles: int, rng: random.Random) -> Iterator[Example]:
    """All ME pages, a short one made of each, and a draw of QE pages and pages of facts."""
    prose = [text for row in mixture.questions if row["lang"] == "en" for text in row["paragraphs"]]
    embedded = qe_examples([*mixture.draw(articles, rng)], pages, rng.randrange(1 << 30), per_article=1)
    cropped = (crop(example, rng) if rng.random() < _EXCERPTS_SHARE else example for example in embedded)
    facts = fact_examples(prose, int(_FACTS_SHARE * articles) if prose else 0, rng.randrange(1 << 30))
    short = (shorten(page, rng) for page in pages)
    return chain(pages, (page for page in short if page), cropped, facts)


def _draw_windows(
    example: Example, trees: TreeScorer, tokenizer: Tokenizer, settings: Settings, rng: random.Random
) -> Iterator[tuple[Window, list[bool]]]:
    """An example -> some of its windows, augmented, and of each line whether it is kept."""
    task = task_of(example.page.query)
    example = augment(example, rng)
    gold = set(example.gold)
    layout = measure_layout(example.page)
    tree_scores = trees(example.page, layout)
    # Windows of many lengths, so that a page is cut at other places in every epoch.
    length = rng.randint(settings.window_tokens * 5 // 8, settings.window_tokens)
    settings = replace(settings, window_tokens=length)
    windows = encode(example.page, tokenizer, settings, tree_scores if settings.trees else None, layout)
    if task == "me":
        # Seldom where the trees are sure. It depends on what the prompt shows, not on the labels, so that the model's
        # probabilities are not biased.
        doubts = [sum(p * (1 - p) for p in tree_scores[w.bounds[0] : w.bounds[-1]]) for w in windows]
        windows = [window for window, doubt in zip(windows, doubts, strict=True) if rng.random() < 0.1 + 2 * doubt]
    for window in rng.sample(windows, min(_MAX_WINDOWS, len(windows))):
        lines = [_is_kept(example.page, start, stop, gold) for start, stop in pairwise(window.bounds)]
        if task == "me" or any(lines) or rng.random() < _EMPTY_SHARE:
            yield window, lines


def _is_kept(page: Page, start: int, stop: int, gold: set[int]) -> bool:
    """Whether most words of the blocks from `start` to `stop` (0-based, half open) are in gold blocks."""
    words = [word_count(block) * (1 if block.index in gold else -1) for block in page.blocks[start:stop]]
    return sum(words) > 0


def augment(example: Example, rng: random.Random) -> Example:
    """An example -> a variant: some blocks, class words, the URL, the title or the page's stated kinds are left out."""
    page = example.page
    gold = set(example.gold)
    rate = rng.choice((0.0, 0.05, 0.15))
    blocks = [block for block in page.blocks if rng.random() >= rate] or list(page.blocks)
    if rng.random() < 0.3 and len(blocks) > 20:  # a whole part, such as a menu
        start = rng.randrange(len(blocks))
        del blocks[start : start + rng.randrange(len(blocks) // 4)]
    word_rate = rng.choice((0.0, 0.1, 0.3, 0.7))
    words = {word for block in blocks for label in block.path for word in label.split(".")[1:]}
    dropped = {word for word in sorted(words) if rng.random() < word_rate}

    @cache
    def relabel(label: str) -> str:
        tag, *names = label.split(".")
        return ".".join([tag, *(name for name in names if name not in dropped)])

    page = replace(
        page,
        blocks=tuple(
            replace(block, index=i, path=tuple(map(relabel, block.path))) for i, block in enumerate(blocks, 1)
        ),
        url="" if rng.random() < 0.5 else page.url,
        title="" if rng.random() < 0.2 else page.title,
        kinds=() if rng.random() < 0.3 else page.kinds,
    )
    return replace(example, page=page, gold=tuple(i for i, block in enumerate(blocks, 1) if block.index in gold))


def _write(rows: Iterator[dict[str, Any]], settings: Settings, path: Path) -> None:
    """Write windows as rows. `gold` and `fixed` have a value for each line; the others are as in `Window`."""
    import pyarrow as pa
    from pyarrow import parquet

    positions = pa.list_(pa.uint16())
    columns = {"epoch": pa.int8(), "task": pa.string(), "ids": positions, "markers": positions, "lasts": positions}
    columns |= {"gold": pa.list_(pa.bool_()), "fixed": pa.list_(pa.bool_())}
    metadata = {name: getattr(settings, name) for name in _METADATA}
    schema = pa.schema(columns, metadata={"indexlm": json.dumps(metadata)})
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch := list(islice(rows, _ROWS_AT_ONCE)):
            writer.write_table(pa.Table.from_pylist(batch, schema))
