"""A small byte-level BPE tokenizer for models trained from scratch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from heads.settings import Settings
from heads.trees import TreeScorer
from indexlm.layout import measure_layout
from indexlm.page import IndexLMError, Page
from indexlm.prompt import CHAT_END, marker, render, task_frame

SPLIT = (
    r"\n?\[\p{N}{1,3}\]"  # a marker
    r"| ?(?:[a-z]\d){1,4}(?![\p{L}\p{N}]):?"  # a group of figures, such as ` s7w5d0`
    r"|[\[\],]+"  # the syntax of intervals
    r"|\p{N}{1,3}"
    r"| ?[\p{L}\p{M}]+"
    r"| ?[^\s\p{L}\p{M}\p{N}\[\],]+"
    r"|\n|[^\S\n]+"
)
_SPECIAL = ["<|endoftext|>", "<|im_start|>", CHAT_END]
_NUMBERS = 1000
REPEATS = 4000
"""How often each number and marker is in the training text, and a fifth of how often an answer is."""
_MARKERS = 100
"""Markers of one token each: more than the lines of a window of the shipped models."""


def train_tokenizer(
    pages: Iterable[Page],
    vocabulary: int,
    settings: Settings,
    out: Path,
    trees: TreeScorer | None = None,
    texts: Iterable[str] = (),
) -> None:
    """Pages -> `out/tokenizer.json` of `vocabulary` tokens. Every number from 0 to 999 is one token.

    It is trained on the rendered pages, which show the scores of `trees`, and on further `texts`. The text that stands
    in every prompt of a task is one token, so that a window of a small model has room for blocks.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    frames = map(task_frame, ("me", "qe"))  # with the newline that ends the page's last line
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[*_SPECIAL, *(text for before, after in frames for text in (before, f"\n{after}"))],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(chain(_texts(pages, settings, trees), texts), trainer)
    split = [n for n in range(_NUMBERS) if len(tokenizer.encode(str(n)).ids) != 1]
    split += [n for n in range(1, _MARKERS) if len(tokenizer.encode(f"\n{marker(n)}").ids) != 1]
    if split or len(tokenizer.encode("],[").ids) != 1:
        raise IndexLMError(
            f"a vocabulary of {vocabulary} tokens is too small: {len(split)} numbers and markers are not in it"
        )
    out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(out / "tokenizer.json"))


def _texts(pages: Iterable[Page], settings: Settings, trees: TreeScorer | None) -> Iterator[str]:
    # So often that all numbers and the syntax of answers are merged before any rare word.
    yield from (" ".join(map(str, range(_NUMBERS))) for _ in range(REPEATS))
    yield from (f"\n{marker(i)}" for i in range(1, _MARKERS) for _ in range(REPEATS))
    yield from ("[[1,2],[3,4]]" for _ in range(5 * REPEATS))
    for page in pages:
        layout = measure_layout(page)
        tree_scores = trees(page, layout) if trees and settings.trees else None
        prompt = render(page, settings.profile, settings.query_units, tree_scores, layout)
        yield prompt.header
        yield from prompt.bodies
