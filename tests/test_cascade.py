"""What the trees decide before a model reads a page, and which blocks are kept of probabilities."""

from __future__ import annotations

import random
from contextlib import nullcontext
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heads import HEADS, ClassifierHead, DecoderHead, open_head
from heads.cascade import BY_TREES, plan, windows_to_read
from heads.encoding import Window
from heads.selection import choose, maximize_expected_f
from indexlm import IndexLMError, read_page
from indexlm.layout import word_count
from tests.conftest import golden_html, golden_indices, golden_page
from tests.models import Pair, Script, calibration, rebuilt

FAQ = "<h1>Bikes</h1><h2>Do I need a helmet?</h2><p>Only below 16.</p><p>We lend them.</p><h2>Price</h2><h3>A day</h3>"


def test_both_heads_answer_by_what_stands_below_a_heading(tiny_pair: Pair) -> None:
    """A query, of a checkpoint that is calibrated for queries; main content is as the head has it."""
    asked, page = read_page(FAQ, query="helmet?"), read_page(FAQ)
    head = open_head(tiny_pair["classifier"][1])
    assert isinstance(head, ClassifierHead)
    head = rebuilt(
        head, scorer=lambda ids, places: [np.array([[0, 9 if i == 1 else -9] for i in range(len(at))]) for at in places]
    )
    head = head.with_settings(
        replace(head.settings, calibration=dict.fromkeys(("me", "qe"), calibration(1.0, 0.0, 0.0, 0.1)))
    )
    assert [p.indices for p in head([asked, page])] == [(2, 3, 4), (2,)]
    assert head([asked], threshold=0.5)[0].indices == (2,)
    decoder = open_head(tiny_pair["decoder"][1])
    assert isinstance(decoder, DecoderHead)
    decoder = decoder.with_model(Script(decoder.tokenizer, "[[2,2]]"))
    assert decoder([asked])[0].indices == (2,)
    decoder = decoder.with_settings(
        replace(decoder.settings, calibration={task: {"end_penalty": 0.0} for task in ("me", "qe")})
    )
    assert [p.indices for p in decoder([asked, page])] == [(2, 3, 4), (2,)]


@pytest.mark.parametrize("name", HEADS)
def test_no_model_reads_a_page_of_which_the_trees_expect_a_high_f1(tiny_pair: Pair, name: str) -> None:
    """The blocks are then what the trees keep at best; a page of which they are less sure, and a query, are read."""
    head = open_head(tiny_pair[name][1])
    page, asked = golden_page("news"), golden_page("news", "what is it?")
    sure = [0.9 if i in golden_indices("news") else 0.05 for i in range(1, len(page.blocks) + 1)]
    head = rebuilt(head, trees=lambda page, layout: sure)
    by_model = head([page])[0]
    assert by_model.tokens["read"] > 0  # without a limit in its settings
    head = head.with_settings(replace(head.settings, skip_model_min_f1=0.9))
    decided, of_query = head([page, asked])
    assert decided.indices == golden_indices("news")
    assert decided.tokens["read"] == 0
    assert decided.scores == (tuple(sure) if name == "classifier" else None)
    assert of_query.tokens["read"] > 0
    if isinstance(head, ClassifierHead):
        assert head([page], threshold=0.5)[0].tokens["read"] > 0  # who states one wants the model's scores
    head = rebuilt(head, trees=lambda page, layout: [p / 2 for p in sure])
    assert head([page])[0].tokens["read"] > 0


@pytest.mark.parametrize("name", HEADS)
def test_windows_that_cost_little_are_left_to_the_trees(tiny_pair: Pair, name: str) -> None:
    """Of a page's windows the least doubtful are not read, as far as their expected errors are a small share in all."""
    head = open_head(tiny_pair[name][1])
    page = read_page(golden_html("docs").replace(b"<button>Search", b"<button>2.4"))  # no words that are never content
    doubtful = max(page.blocks, key=word_count).index
    said = [0.5 if i == doubtful else 0.95 for i in range(1, len(page.blocks) + 1)]
    head = rebuilt(head, trees=lambda page, layout: said)
    head = head.with_settings(replace(head.settings, window_tokens=192, overlap=0))
    whole = head([page])[0]
    head = head.with_settings(replace(head.settings, skip_window_max_f1_loss=0.02))
    part = head([page])[0]
    assert 0 < part.tokens["windows"] < whole.tokens["windows"]
    if part.scores is not None and whole.scores is not None:
        read = {i for i, p in enumerate(part.scores, 1) if p != 0.95}
        assert doubtful in read
        assert all(part.scores[i - 1] == whole.scores[i - 1] for i in read)
        left = {*range(1, len(page.blocks) + 1)} - read
        assert left <= set(part.indices)
        assert head([page], threshold=0.5)[0].scores == whole.scores
    head = head.with_settings(replace(head.settings, skip_window_max_f1_loss=0.9))
    none = head([page])[0]
    assert none.tokens["windows"] == 0
    assert none.indices == plan(page, head.trees, 0.0).kept
    asked = head([replace(page, query="what is it?")])[0]
    assert asked.tokens["windows"] > 0


def test_a_decoder_is_not_asked_about_a_page_that_the_trees_drop(tiny_pair: Pair) -> None:
    """Where all is unlikely the likeliest is kept, and the prediction says that the model kept nothing."""
    head = open_head(tiny_pair["decoder"][1])
    head = rebuilt(head, trees=lambda page, layout: [0.03] * len(page.blocks))
    page = golden_page("docs")
    (prediction,) = head([page])
    assert prediction.indices == plan(page, head.trees, 0.9).kept
    assert prediction.warnings == (BY_TREES,)


def test_what_is_left_to_the_trees_is_bounded() -> None:
    """Expected errors of the windows left out stay below the share; a share of nothing has all windows read."""
    page = golden_page("docs")
    rng = random.Random(0)
    scores = [rng.random() ** 4 for _ in page.blocks]
    cascade = plan(page, lambda page, layout: scores, 0.999)
    assert cascade.layout is not None
    assert cascade.kept is not None
    words = cascade.layout.words
    spans = [(i, min(i + 3, len(scores))) for i in range(0, len(scores), 3)]
    windows = [Window([*range(a, b + 1)], [None] * (b - a), [], [], [], 0) for a, b in spans]
    both = sum(w * p for w, p in zip(words, scores, strict=True)) + sum(words[i - 1] for i in cascade.kept)
    assert windows_to_read(windows, cascade, 0.0) == windows
    counts = []
    for share in (0.02, 0.1, 0.3):
        left = [window for window in windows if window not in windows_to_read(windows, cascade, share)]
        wrong = sum(
            words[i] * (1 - scores[i] if i + 1 in cascade.kept else scores[i])
            for window in left
            for i in range(window.bounds[0], window.bounds[-1])
        )
        assert wrong <= share * both
        counts.append(len(left))
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.integers(1, 50)), min_size=1, max_size=6))
def test_the_expected_f1_is_what_is_expected(blocks: list[tuple[float, int]]) -> None:
    """2 E[tp] / (E[gold] + kept), of the set that `best` returns; 0 where nothing can be gold."""
    scores, weights = zip(*blocks, strict=True)
    chosen, expected = maximize_expected_f(scores, weights)
    hits = sum(scores[i - 1] * weights[i - 1] for i in chosen)
    both = sum(p * w for p, w in blocks) + sum(weights[i - 1] for i in chosen)
    assert expected == pytest.approx(2 * hits / both if both else 0.0)


@given(
    st.lists(st.tuples(st.floats(0.001, 0.999), st.integers(1, 50)), min_size=1, max_size=9),
    st.sampled_from([0.5, 1.0, 3.0]),
)
def test_kept_blocks_have_the_greatest_expected_f_beta(blocks: list[tuple[float, int]], beta: float) -> None:
    """Against every set of blocks: none has more expected hits for what it keeps."""
    scores, weights = zip(*blocks, strict=True)
    gold = sum(p * w for p, w in blocks)

    def expected(chosen: tuple[int, ...]) -> float:
        kept = sum(weights[i - 1] for i in chosen)
        hits = sum(scores[i - 1] * weights[i - 1] for i in chosen)
        return float((1 + beta**2) * hits / (beta**2 * gold + kept))

    chosen = choose(scores, weights, 0.0, beta)
    everything = range(1, len(blocks) + 1)
    best = max(expected(some) for n in everything for some in combinations(everything, n))
    assert expected(chosen) == pytest.approx(best)
    assert choose(scores, weights, max(scores) + 1e-6) == ()


def test_trees_that_expect_a_little_less_decide_a_long_page() -> None:
    for count, decides in ((150, False), (151, True)):
        page = read_page("".join(f"<p>{n} oars for a boat</p>" for n in range(count)))
        cascade = plan(page, lambda page, layout: [0.75] * len(page.blocks), 0.9)  # expected F1: 0.857
        assert cascade.skips_model is decides


@pytest.mark.parametrize("name", HEADS)
def test_a_prediction_says_who_decided(tiny_pair: Pair, name: str) -> None:
    """The trees where no model read, the model where it read all, and both where either decided a part."""
    page = golden_page("docs")
    scores = [0.5] + [0.95] * (len(page.blocks) - 1)
    open_settings = replace(open_head(tiny_pair[name][1]).settings, window_tokens=192, overlap=0)
    head = rebuilt(open_head(tiny_pair[name][1]), trees=lambda page, layout: scores)
    cases = [
        (open_settings, "model"),
        (replace(open_settings, skip_window_max_f1_loss=0.02), "mixed"),
        (replace(open_settings, skip_model_min_f1=0.5), "trees"),
    ]
    for settings, decider in cases:
        assert head.with_settings(settings)([page])[0].decided_by == decider
    expected = head.with_settings(cases[-1][0])([page])[0].expected_f1
    assert expected == plan(page, lambda page, layout: scores, None).expected_f1
    with pytest.raises(IndexLMError) if name == "decoder" else nullcontext():
        head([page], 0.5)
