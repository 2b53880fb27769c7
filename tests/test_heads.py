"""Both heads on tiny real Qwen3 models, in both runtimes."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from eval.speed.oracle import oracle_decoder
from heads import HEADS, ClassifierHead, DecoderHead, Settings, open_head
from heads.cascade import plan, windows_to_read
from heads.encoding import Window, encode
from heads.selection import choose, maximize_expected_f1, with_section_answers
from heads.settings import CALIBRATION_KEYS
from indexlm import IndexLMError, Page, format_intervals, parse_intervals, read_page, to_intervals
from indexlm.layout import Layout, word_count
from indexlm.models import shipped
from indexlm.prompt import NO_THINKING, marker, render
from tests.conftest import MAIN, golden_indices, golden_page

Pair = dict[str, tuple[Path, Path]]
HeadKind = TypeVar("HeadKind", ClassifierHead, DecoderHead)
PAGES = [golden_page(name, query) for name in MAIN for query in ("", "what is it?")]


def rebuilt(head: HeadKind, **parts: Any) -> HeadKind:
    """The same head with other parts."""
    names = ("scorer", "tokenizer", "settings", "trees")
    if isinstance(head, DecoderHead):
        names = ("model", "tokenizer", "settings", "trees", "constrained")
    return type(head)(**({name: getattr(head, name) for name in names} | parts))  # type: ignore[arg-type]


def calibration(*numbers: float) -> dict[str, float]:
    return dict(zip(CALIBRATION_KEYS["classifier"], numbers, strict=True))


@pytest.mark.parametrize("head", ["classifier", "decoder"])
def test_runtimes_agree(tiny_pair: Pair, head: str) -> None:
    """torch and ONNX Runtime choose the same blocks on every golden page; probabilities differ by less than 1e-4."""
    by_torch, by_onnx = (open_head(path, threads=1)(PAGES) for path in tiny_pair[head])
    assert [p.indices for p in by_torch] == [p.indices for p in by_onnx]
    assert len({p.indices for p in by_torch}) > 3  # the models do tell pages apart
    if head == "classifier":
        for a, b in zip(by_torch, by_onnx, strict=True):
            assert a.scores == pytest.approx(b.scores, abs=1e-4)


def test_logits_of_the_runtimes_agree_with_a_cache(tiny_pair: Pair) -> None:
    """Prefill, then single tokens and several at once: logits differ by less than 1e-3 of their spread."""
    models = [open_head(path).model for path in tiny_pair["decoder"]]  # type: ignore[union-attr]
    outs: list[list[Any]] = []
    for model in models:
        logits, cache = model(list(range(5, 40)), None)
        found = [logits]
        for ids in ([40], [41], [42, 43, 44]):
            logits, cache = model(ids, cache)
            found.append(logits)
        outs.append(found)
    whole, _ = models[0](list(range(5, 45)), None)
    # ONNX computes the tokens that an answer can hold, and no others.
    answers = [i for i, logit in enumerate(outs[1][0]) if logit > -np.inf]
    assert set(answers) == set(open_head(tiny_pair["decoder"][0]).grammar.text)  # type: ignore[union-attr]
    for a, b in zip(*outs, strict=True):
        np.testing.assert_allclose(a[answers], b[answers], atol=1e-3 * np.ptp(a))
    np.testing.assert_allclose(outs[1][-1][answers], whole[answers], atol=1e-3 * np.ptp(whole))


@pytest.mark.parametrize("rows_fixed", [False, True])
def test_caches_continued_together_are_as_if_alone(tiny_pair: Pair, rows_fixed: bool, tmp_path: Path) -> None:
    """Of different lengths, as some end and one is left; also where a model was exported for one row at a time."""
    path = tiny_pair["decoder"][1]
    if rows_fixed:
        path = Path(shutil.copytree(path, tmp_path / "fixed"))
        graph = onnx.load(path / "model.onnx")
        for given in graph.graph.input:
            given.type.tensor_type.shape.dim[0].dim_value = 1
        onnx.save(graph, path / "model.onnx")
    model: Any = open_head(path, threads=1).model  # type: ignore[union-attr]
    texts = [list(range(5, 5 + length)) for length in (40, 9, 90, 23)]
    begun = [model(text, None)[1] for text in texts]

    def alone(i: int, *more: int) -> Any:
        return model([*texts[i], *more], None)[0]

    caches = list(begun)
    for number, rows in enumerate(([0, 1, 2, 3], [0, 1, 2, 3], [0, 2, 3], [2, 0])):
        found = model.together([50 + number] * len(rows), [caches[i] for i in rows])
        for i, (logits, cache) in zip(rows, found, strict=True):
            np.testing.assert_allclose(logits, alone(i, *range(50, 51 + number)), atol=1e-4)
            caches[i] = cache
    np.testing.assert_allclose(model([54, 55], caches[2])[0], alone(2, *range(50, 56)), atol=1e-4)
    if not rows_fixed:  # what was begun with is left as it was
        np.testing.assert_allclose(model([60], begun[0])[0], alone(0, 60), atol=1e-4)


@pytest.mark.parametrize("runtime", [0, 1])
def test_classifier_reads_both_ways(tiny_pair: Pair, runtime: int) -> None:
    """A change in the last token changes what is read at the first."""
    scorer = open_head(tiny_pair["classifier"][runtime]).scorer  # type: ignore[union-attr]
    (one,), (two,) = scorer([[5, 6, 7, 8]], [[0]]), scorer([[5, 6, 7, 9]], [[0]])
    assert abs(one - two).max() > 1e-4


@pytest.mark.parametrize("runtime", [0, 1])
def test_decoder_reads_forward_only(tiny_pair: Pair, runtime: int) -> None:
    """The logits after a token do not depend on what follows it."""
    model = open_head(tiny_pair["decoder"][runtime]).model  # type: ignore[union-attr]
    first, cache = model([5, 6, 7], None)
    model([8, 9], cache)
    again, _ = model([5, 6, 7], None)
    np.testing.assert_allclose(first, again, atol=1e-5)


@pytest.mark.parametrize("runtime", [0, 1])
def test_padding_changes_nothing(tiny_pair: Pair, runtime: int) -> None:
    scorer = open_head(tiny_pair["classifier"][runtime]).scorer  # type: ignore[union-attr]
    short, long = list(range(5, 25)), list(range(5, 65))
    together, alone = scorer([short, long], [[3, 9], [1, 2, 50]])[0], scorer([short], [[3, 9]])[0]
    np.testing.assert_allclose(together, alone, atol=1e-4)
    assert together.shape == (2, 2)


@pytest.mark.parametrize("read", ["marker", "last"])
def test_scores_are_read_where_the_settings_say(tiny_checkpoint: Callable[..., Path], read: str) -> None:
    head = open_head(tiny_checkpoint("classifier", readout=read))
    assert isinstance(head, ClassifierHead)
    page = golden_page("rtl")
    (window,) = encode(page, head.tokenizer, replace(head.settings, window_tokens=4000))
    (logits,) = head.scorer([window.ids], [window.markers if read == "marker" else window.lasts])
    expected = [1 / (1 + np.exp(drop - keep)) for drop, keep in logits]
    head = head.with_settings(replace(head.settings, window_tokens=4000))
    assert head([page])[0].scores == pytest.approx(expected, abs=1e-5)


def test_calibration_scales_the_log_odds_of_a_task(tiny_pair: Pair) -> None:
    """And decides by expected F1, where no threshold is given."""
    head = open_head(tiny_pair["classifier"][1])
    assert isinstance(head, ClassifierHead)
    pages = [golden_page("news"), golden_page("news", "what is it?")]
    before = [p.scores for p in head(pages)]
    head = head.with_settings(replace(head.settings, calibration={"me": calibration(2.0, 0.0, -1.0, 0.1)}))
    me, qe = head(pages)
    assert qe.scores == before[1]
    assert before[0] is not None
    assert me.scores == pytest.approx([1 / (1 + np.exp(1 - 2 * np.log(p / (1 - p)))) for p in before[0]])
    assert me.scores is not None
    assert me.indices == choose(me.scores, [word_count(block) for block in pages[0].blocks], 0.1)
    (at_half,) = head(pages[:1], threshold=0.5)
    assert at_half.indices == tuple(i for i, s in enumerate(me.scores, 1) if s >= 0.5)


FAQ = "<h1>Bikes</h1><h2>Do I need a helmet?</h2><p>Only below 16.</p><p>We lend them.</p><h2>Price</h2><h3>A day</h3>"


@pytest.mark.parametrize(
    ("kept", "answered"),
    [((2,), (2, 3)), ((2, 4), (2, 4)), ((3,), (3,)), ((1,), (1,)), ((5, 6), (5, 6)), ((), ())],
)
def test_a_kept_heading_brings_what_stands_below_it(kept: tuple[int, ...], answered: tuple[int, ...]) -> None:
    """Where its section holds something, and nothing of it is kept."""
    assert with_section_answers(read_page(FAQ), kept) == answered


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
    assert [p.indices for p in head([asked, page])] == [(2, 3), (2,)]
    assert head([asked], threshold=0.5)[0].indices == (2,)
    decoder = open_head(tiny_pair["decoder"][1])
    assert isinstance(decoder, DecoderHead)
    decoder = decoder.with_model(Script(decoder.tokenizer, "[[2,2]]"))
    assert decoder([asked])[0].indices == (2,)
    decoder = decoder.with_settings(
        replace(decoder.settings, calibration={task: {"end_penalty": 0.0} for task in ("me", "qe")})
    )
    assert [p.indices for p in decoder([asked, page])] == [(2, 3), (2,)]


@pytest.mark.parametrize("name", HEADS)
def test_where_the_trees_expect_enough_no_model_reads_the_page(tiny_pair: Pair, name: str) -> None:
    """The blocks are then what the trees keep at best; a page of which they are less sure, and a query, are read."""
    head = open_head(tiny_pair[name][1])
    page, asked = golden_page("news"), golden_page("news", "what is it?")
    sure = [0.9 if i in golden_indices("news") else 0.05 for i in range(1, len(page.blocks) + 1)]
    head = rebuilt(head, trees=lambda page, layout: sure)
    unread = head([page])[0]
    assert unread.tokens["read"] > 0  # a checkpoint asks for more than can be unless it says otherwise
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
    page = golden_page("docs")
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


def test_what_the_trees_are_sure_is_boilerplate_is_not_kept_unread(tiny_pair: Pair) -> None:
    """Where all is unlikely the likeliest would be kept at best; but a decoder is not asked, and keeps nothing."""
    head = open_head(tiny_pair["decoder"][1])
    head = rebuilt(head, trees=lambda page, layout: [0.03] * len(page.blocks))
    page = golden_page("docs")
    assert plan(page, head.trees, 0.9).kept
    assert head([page])[0].indices == ()


def test_a_decoder_may_be_shared_by_threads(tiny_checkpoint: Callable[..., Path]) -> None:
    """Caches that serve several queries are written in place, and still each query has its own answer."""
    head = open_head(tiny_checkpoint("decoder", query_last=True))
    pages = [
        golden_page("docs", f"what is {thing}?") for thing in ("it", "a block", "the title", "here", "gone", "new")
    ]
    expected = [prediction.indices for prediction in head(pages)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda page: head([page])[0].indices, pages * 3))
    assert found == expected * 3


def test_what_is_left_to_the_trees_is_bounded() -> None:
    """Expected errors of the windows left out stay below the share; a share of nothing has all windows read."""
    page = golden_page("docs")
    rng = random.Random(0)
    hints = [rng.random() ** 4 for _ in page.blocks]
    cascade = plan(page, lambda page, layout: hints, 0.999)
    assert cascade.layout is not None
    assert cascade.kept is not None
    words = cascade.layout.words
    spans = [(i, min(i + 3, len(hints))) for i in range(0, len(hints), 3)]
    windows = [Window([*range(a, b + 1)], [None] * (b - a), [], [], [], 0) for a, b in spans]
    both = sum(w * p for w, p in zip(words, hints, strict=True)) + sum(words[i - 1] for i in cascade.kept)
    assert windows_to_read(windows, cascade, 0.0) == windows
    counts = []
    for share in (0.02, 0.1, 0.3):
        left = [window for window in windows if window not in windows_to_read(windows, cascade, share)]
        wrong = sum(
            words[i] * (1 - hints[i] if i + 1 in cascade.kept else hints[i])
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
    chosen, expected = maximize_expected_f1(scores, weights)
    hits = sum(scores[i - 1] * weights[i - 1] for i in chosen)
    both = sum(p * w for p, w in blocks) + sum(weights[i - 1] for i in chosen)
    assert expected == pytest.approx(2 * hits / both if both else 0.0)


def test_a_calibrated_decoder_ends_its_answers_later(tiny_pair: Pair) -> None:
    """For its task alone; without end, an answer goes on to its window's last lines, and the other way it is NA."""
    head = open_head(tiny_pair["decoder"][1])
    assert isinstance(head, DecoderHead)
    pages = [golden_page("news"), golden_page("news", "what is it?")]
    before = [p.indices for p in head(pages)]

    def kept(end_penalty: float) -> tuple[int, ...]:
        penalized = replace(head.settings, calibration={"me": {"end_penalty": end_penalty}})
        me, qe = head.with_settings(penalized)(pages)
        assert qe.indices == before[1]
        return me.indices

    assert kept(0.0) == before[0]
    assert kept(-1e3) == ()
    late = kept(1e3)
    for window in encode(pages[0], head.tokenizer, head.settings):
        assert set(range(window.bounds[-3] + 1, window.bounds[-1] + 1)) & set(late)


@given(st.lists(st.tuples(st.floats(0.001, 0.999), st.integers(1, 50)), min_size=1, max_size=9))
def test_kept_blocks_have_the_greatest_expected_f1(blocks: list[tuple[float, int]]) -> None:
    """Against every set of blocks: none has more expected hits for what it keeps."""
    scores, weights = zip(*blocks, strict=True)
    gold = sum(p * w for p, w in blocks)

    def expected(chosen: tuple[int, ...]) -> float:
        kept = sum(weights[i - 1] for i in chosen)
        return float(2 * sum(scores[i - 1] * weights[i - 1] for i in chosen) / (gold + kept))

    chosen = choose(scores, weights, 0.0)
    everything = range(1, len(blocks) + 1)
    best = max(expected(some) for n in everything for some in combinations(everything, n))
    assert expected(chosen) == pytest.approx(best)
    assert choose(scores, weights, max(scores) + 1e-6) == ()


def test_threshold_decides_and_scores_do_not_change(tiny_pair: Pair) -> None:
    head = open_head(tiny_pair["classifier"][1])
    assert isinstance(head, ClassifierHead)
    (page,) = PAGES[:1]
    scores = head([page])[0].scores
    assert scores is not None
    assert len(scores) == len(page.blocks)
    median = sorted(scores)[len(scores) // 2]
    expected = tuple(i for i, s in enumerate(scores, 1) if s >= median)
    (chosen,) = head([page], median)
    assert (chosen.indices, chosen.scores) == (expected, scores)
    assert head([page], 0.0)[0].indices == tuple(range(1, len(page.blocks) + 1))


@pytest.mark.parametrize("name", MAIN)
def test_decoder_with_random_weights_still_answers_validly(tiny_pair: Pair, name: str) -> None:
    """Whatever the weights, an answer is canonical: the grammar allows no other."""
    head = open_head(tiny_pair["decoder"][1])
    page = golden_page(name)
    (prediction,) = head([page])
    answer = format_intervals(to_intervals(prediction.indices))
    assert parse_intervals(answer, len(page.blocks)).repairs == ()
    assert prediction.error == ""
    assert prediction.tokens["windows"] > 0
    assert prediction.tokens["generated"] >= prediction.tokens["windows"]


class Alone:
    """A causal language model that continues caches one after the other."""

    def empty(self, lengths: Sequence[int]) -> list[Any]:
        return [None for _ in lengths]

    def together(self, tokens: Sequence[int], caches: Sequence[Any]) -> list[Any]:
        return [self([token], cache) for token, cache in zip(tokens, caches, strict=True)]  # type: ignore[operator]


class Function(Alone):
    """A function as a causal language model."""

    def __init__(self, call: Callable[[Any, Any], Any]) -> None:
        self.call = call

    def __call__(self, ids: Any, cache: Any) -> Any:
        return self.call(ids, cache)


class Script(Alone):
    """A causal language model that writes a text, token by token, and after it an end token without end."""

    def __init__(self, tokenizer: Any, text: str) -> None:
        self.ids = tokenizer.encode(text, add_special_tokens=False).ids
        self.end = tokenizer.token_to_id("<|im_end|>")
        self.size = tokenizer.get_vocab_size()
        self.read = 0

    def __call__(self, ids: Any, cache: Any) -> tuple[Any, int]:
        written = 0 if cache is None else cache + len(ids)
        self.read += len(ids) if cache is not None else 0
        logits = np.zeros(self.size, np.float32)
        logits[self.ids[written] if written < len(self.ids) else self.end] = 1
        return logits, written


@pytest.mark.parametrize(
    ("text", "indices", "repaired", "unreadable"),
    [
        ("[[2,3],[5,5]]", (2, 3, 5), 0, 0),
        ("NA", (), 0, 0),
        ("[[5,5],[2,3]]", (2, 3, 5), 1, 0),
        ("[[5,4],[2,", (4, 5), 1, 0),
        ("[[2,3]] is what I keep [[4,4]]", (2, 3), 0, 0),  # whole: nothing more is waited for
        ("all of it", (), 0, 1),
        ("", (), 0, 1),
        ("[[" * 500, (), 0, 1),  # to the limit
    ],
)
def test_without_the_grammar_a_decoder_writes_what_it_likes(
    tiny_pair: Pair, text: str, indices: tuple[int, ...], repaired: int, unreadable: int
) -> None:
    """Until an answer is whole, an end token or the limit; what cannot be read keeps nothing and says so."""
    head = open_head(tiny_pair["decoder"][1])
    assert isinstance(head, DecoderHead)
    script = Script(head.tokenizer, text)
    head = head.with_model(script)
    head = head.with_settings(replace(head.settings, window_tokens=4000))
    page = golden_page("news")
    head = rebuilt(head, constrained=False)
    (free,) = head([page])
    assert free.indices == indices
    assert (free.tokens["repaired"], free.tokens["unreadable"]) == (repaired, unreadable)
    assert bool(free.error) == bool(unreadable)
    assert free.tokens["generated"] == script.read + 1  # the last one is not read
    assert free.tokens["generated"] <= len(head.tokenizer.encode("[[1,1],[3,3]]" * len(page.blocks)).ids)
    head = rebuilt(head, constrained=True)
    (bound,) = head([page])
    assert (bound.error, bound.tokens["repaired"], bound.tokens["unreadable"]) == ("", 0, 0)


def test_one_unreadable_window_makes_the_page_unreadable(tiny_pair: Pair) -> None:
    head = open_head(tiny_pair["decoder"][1])
    assert isinstance(head, DecoderHead)
    head = rebuilt(head, constrained=False)
    good, bad = (Script(head.tokenizer, text) for text in ("[[1,2]]", "none of it"))
    page = golden_page("docs")
    first = encode(page, head.tokenizer, head.settings)[0].ids

    def model(ids: Any, cache: Any) -> Any:
        chosen = (good if list(ids) == first else bad) if cache is None else cache[0]
        logits, inner = chosen(ids, None if cache is None else cache[1])
        return logits, (chosen, inner)

    head = head.with_model(Function(model))
    (prediction,) = head([page])
    assert prediction.tokens["windows"] > 1
    assert prediction.tokens["unreadable"] == prediction.tokens["windows"] - 1
    assert (prediction.indices, prediction.error) == ((), prediction.error)
    assert "found 'none of it'" in prediction.error


@pytest.mark.parametrize("constrained", [True, False])
@pytest.mark.parametrize("runtime", [0, 1])
def test_a_forced_decoder_writes_the_gold_answer_and_its_model_reads_it(
    tiny_pair: Pair, runtime: int, constrained: bool
) -> None:
    """Random weights, the tokens of the gold answers, and no other: all but the last are read by the model."""
    head = open_head(tiny_pair["decoder"][runtime])
    assert isinstance(head, DecoderHead)
    head = rebuilt(head, constrained=constrained)
    inner, read = head.model, [0]

    def counted(ids: Any, cache: Any) -> Any:
        read[0] += len(ids) if cache is not None else 0
        return inner(ids, cache)

    head = head.with_model(Function(counted))
    golds = {name: golden_page(name) for name in MAIN} | {"empty": golden_page("news", "who?")}
    kept = {name: golden_indices(name) if name in MAIN else () for name in golds}
    predictions = oracle_decoder(head, [(page, kept[name]) for name, page in golds.items()])(list(golds.values()))
    for (name, page), prediction in zip(golds.items(), predictions, strict=True):
        assert prediction.indices == kept[name]
        answers = [
            format_intervals(to_intervals(i - w.bounds[0] for i in kept[name] if w.bounds[0] < i <= w.bounds[-1]))
            for w in encode(page, head.tokenizer, head.settings)
        ]
        assert prediction.tokens["generated"] == sum(len(head.tokenizer.encode(answer).ids) for answer in answers)
    windows = sum(p.tokens["windows"] for p in predictions)
    unread = sum(p.tokens["generated"] for p in predictions) - read[0]
    assert windows <= unread <= 3 * windows if constrained else unread == windows  # a grammar knows how an answer ends


def test_windows_hold_every_block_and_its_marker(tiny_tokenizer: Path) -> None:
    """Each window repeats the header, numbers its blocks from 1, and tokenizes as the whole text would."""
    tokenizer = Tokenizer.from_file(str(tiny_tokenizer / "tokenizer.json"))
    settings = Settings("decoder", window_tokens=300, overlap=2)
    for page in PAGES:
        assert_windows(page, tokenizer, settings)
        assert_windows(page, tokenizer, replace(settings, query_last=True))


@pytest.mark.parametrize("profile", ["plain", "structural"])
def test_windows_hold_every_marker_in_qwens_vocabulary(qwen_tokenizer: Any, profile: str) -> None:
    settings = Settings("decoder", profile=profile, window_tokens=600, assistant_prefix=NO_THINKING)  # type: ignore[arg-type]
    for page in PAGES:
        assert_windows(page, qwen_tokenizer, settings)
        assert_windows(page, qwen_tokenizer, replace(settings, query_last=True))


def settle(page: Page, layout: Layout | None = None) -> list[float]:
    """Hints that make runs of settled blocks, and leave some blocks open."""
    return [(0.01, 0.01, 0.99, 0.99, 0.99, 0.5)[i % 6] for i in range(len(page.blocks))]


def assert_windows(page: Page, tokenizer: Any, settings: Settings) -> None:
    for hints in (None, settle(page)):
        windows = encode(page, tokenizer, settings, hints)
        units = settings.query_units if page.query else settings.block_units
        prompt = render(page, settings.profile, units, hints, query_last=settings.query_last)
        assert {i for w in windows for i in range(w.bounds[0], w.bounds[-1])} == set(range(len(page.blocks)))
        for window in windows:
            first = prompt.bounds.index(window.bounds[0])
            stop = first + len(window.markers)
            assert prompt.bounds[first : stop + 1] == window.bounds
            text = (
                f"<|im_start|>system\n{prompt.system}<|im_end|>\n<|im_start|>user\n"
                f"{prompt.user(first + 1, stop)}<|im_end|>\n<|im_start|>assistant\n{settings.assistant_prefix}"
            )
            assert window.ids == tokenizer.encode(text, add_special_tokens=False).ids
            assert len(window.ids) <= settings.window_tokens
            for number, (place, last) in enumerate(zip(window.markers, window.lasts, strict=True), 1):
                assert tokenizer.decode(window.ids[: place + 1], skip_special_tokens=False).endswith(f"\n[{number}]")
                shown = tokenizer.decode(window.ids[: last + 1], skip_special_tokens=False).rstrip("\n")
                assert shown.rpartition("\n")[2] == marker(number) + prompt.bodies[first + number - 1].rstrip()


class Counted(Alone):
    """A model that counts the tokens it is given to read at the start of a cache, and after it."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.calls: list[int] = []

    def __call__(self, ids: Any, cache: Any) -> Any:
        self.calls.append(len(ids) if cache is None else 0)
        return self.model(ids, cache)


@pytest.mark.parametrize("runtime", [0, 1])
def test_a_page_is_read_once_for_all_queries_that_stand_last(tiny_pair: Pair, runtime: int) -> None:
    """And the answers are those of a head that reads it anew for each, in whatever order they are asked."""
    page = golden_page("docs")
    asked = [replace(page, query=query) for query in ("what is it?", "how long is the delay?", "who wrote it?")]

    def opened() -> DecoderHead:
        head = open_head(tiny_pair["decoder"][runtime], threads=1)
        assert isinstance(head, DecoderHead)
        head = head.with_settings(
            replace(head.settings, query_last=True, calibration={"qe": {"end_penalty": 1e3}})
        )  # answers of many tokens
        return head

    anew = [opened()([one])[0].indices for one in asked]
    assert len(set(anew)) > 1
    head = opened()
    counted = Counted(head.model)
    head = head.with_model(Function(counted))
    assert [head([one])[0].indices for one in (*asked, asked[0])] == [*anew, anew[0]]
    windows = encode(asked[0], head.tokenizer, head.settings)
    assert len(windows) > 1
    assert [n for n in counted.calls if n] == [window.shared for window in windows]


def test_what_is_kept_of_pages_is_bounded(tiny_pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heads.decoder._MOST_CACHED", 700)
    head = open_head(tiny_pair["decoder"][1])
    assert isinstance(head, DecoderHead)
    head = head.with_settings(replace(head.settings, query_last=True))
    for name in MAIN:
        head([golden_page(name, "what is it?")])
        assert 0 < sum(map(len, head._prefixes)) <= 700


def test_a_causal_classifier_runs_without_torch(tiny_checkpoint: Callable[..., Path], tmp_path: Path) -> None:
    """Probabilities are within 1e-4 of torch's, in a padded batch too; what comes later changes nothing."""
    from train.export.to_onnx import export

    checkpoint = tiny_checkpoint("classifier", causal=True, readout="last")
    export(checkpoint, tmp_path, "fp32")
    by_torch, by_onnx = (open_head(path, threads=1) for path in (checkpoint, tmp_path))
    for a, b in zip(by_torch(PAGES), by_onnx(PAGES), strict=True):
        assert a.scores == pytest.approx(b.scores, abs=1e-4)
    scorer = by_onnx.scorer  # type: ignore[union-attr]
    short, long = list(range(5, 25)), list(range(5, 65))
    together, alone = scorer([short, long], [[3, 9], [1, 2, 50]])[0], scorer([short], [[3, 9]])[0]
    np.testing.assert_allclose(together, alone, atol=1e-4)
    np.testing.assert_allclose(alone, scorer([[*short[:10], 7, 7]], [[3, 9]])[0], atol=1e-4)


def test_a_block_is_kept_if_any_window_keeps_it(tiny_pair: Pair) -> None:
    head = open_head(tiny_pair["decoder"][1])
    assert isinstance(head, DecoderHead)
    head = head.with_model(Script(head.tokenizer, "[[1,1]]"))
    head = head.with_settings(replace(head.settings, window_tokens=300, overlap=2))
    page = golden_page("docs")
    windows = encode(page, head.tokenizer, head.settings)
    assert len(windows) > 1
    assert head([page])[0].indices == tuple(window.bounds[0] + 1 for window in windows)


def test_the_blocks_of_a_line_share_its_score_and_its_fate(tiny_pair: Pair) -> None:
    """Of both heads; and what is settled the decoder is not asked for."""
    page = golden_page("docs")
    prompt = render(page, tree_scores=settle(page))
    lines = list(pairwise(prompt.bounds))
    assert any(stop - start > 1 for start, stop in lines)
    assert set(prompt.fixed) == {True, False, None}
    for name in ("classifier", "decoder"):
        head = open_head(tiny_pair[name][1])
        head = rebuilt(head, trees=settle)
        head = head.with_settings(replace(head.settings, window_tokens=4000))
        if isinstance(head, DecoderHead):
            head = head.with_model(Script(head.tokenizer, "[[1,3]]"))
            expected = [
                i + 1
                for number, (verdict, (start, stop)) in enumerate(zip(prompt.fixed, lines, strict=True), 1)
                for i in range(start, stop)
                if verdict or (verdict is None and number <= 3)
            ]
            assert list(head([page])[0].indices) == expected
            head = rebuilt(head, trees=lambda page, layout: [0.99] * len(page.blocks))
            (prediction,) = head([page])
            assert len(prediction.indices) == len(page.blocks)
            assert prediction.tokens["read"] == 0
        else:
            scores = head([page])[0].scores
            assert scores is not None
            assert all(len(set(scores[start:stop])) == 1 for start, stop in lines)
            assert len(set(scores)) > len(lines) // 2


def test_qwens_marker_is_a_token_for_each_digit(qwen_tokenizer: Any) -> None:
    """`[12]` falls into `[`, `1`, `2`, `]`; in the shipped tokenizer it is one token with the newline before it."""
    assert qwen_tokenizer.encode("[12]").tokens == ["[", "1", "2", "]"]
    shipped_tokenizer = Tokenizer.from_file(str(shipped("classifier") / "tokenizer.json"))
    assert len(shipped_tokenizer.encode("\n[12]").ids) == 1


def test_chat_template_is_qwen3s_with_thinking_off(qwen_tokenizer: Any) -> None:
    settings = Settings.from_config({"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"]}, "x")
    window = encode(golden_page("rtl"), qwen_tokenizer, settings)[0]
    text = qwen_tokenizer.decode(window.ids, skip_special_tokens=False)
    assert text.startswith("<|im_start|>system\nKeep the main content")
    assert text.endswith("Main content:<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n")
    assert text.count("<|im_start|>") == 3


def test_page_without_blocks_keeps_nothing(tiny_pair: Pair) -> None:
    for head in ("classifier", "decoder"):
        (prediction,) = open_head(tiny_pair[head][1])([read_page("")])
        assert prediction.indices == ()
        assert prediction.error == ""


def test_a_published_checkpoint_is_told_by_its_architecture() -> None:
    """Without settings of ours: the paper's prompt."""
    settings = Settings.from_config({"model_type": "qwen3", "architectures": ["Qwen3ForTokenClassification"]}, "x")
    assert (settings.head, settings.profile, settings.window_tokens) == ("classifier", "plain", 4096)
    with pytest.raises(IndexLMError, match="BertModel"):
        Settings.from_config({"model_type": "qwen3", "architectures": ["BertModel"]}, "x")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"head": "oracle"}, "'oracle'"),
        ({"profile": "fancy"}, "'fancy'"),
        ({"wings": 2}, "wings"),
        ({"readout": "middle"}, "'middle'"),
        ({"overlap": -3}, "-3"),
        ({"window_tokens": "1024"}, "'1024'"),
        ({"thresholds": {"me": 0.5}}, "thresholds"),
        ({"thresholds": {"me": 0.5, "qe": 7}}, "thresholds"),
        ({"tasks": []}, "tasks"),
        ({"calibration": {"me": [1.5]}}, "score_scale, tree_scale, shift, min_best_score"),
        ({"head": "decoder", "calibration": {"me": {"shift": 1.0}}}, "the numbers end_penalty"),
        ({"calibration": {"me": "x"}}, "calibration"),
        ({"skip_model_min_f1": 0}, "skip_model_min_f1"),
        ({"skip_window_max_f1_loss": 1}, "skip_window_max_f1_loss"),
        ({"query_last": True}, "query before the blocks"),
    ],
)
def test_settings_that_make_no_sense_are_refused(change: dict[str, Any], message: str) -> None:
    config = {"model_type": "qwen3", "indexlm": Settings("classifier").to_dict() | change}
    with pytest.raises(IndexLMError, match=message):
        Settings.from_config(config, "x")


def test_settings_survive_json() -> None:
    settings = Settings("decoder", readout="last", thresholds={"me": 0.1, "qe": 0.2}, tasks=("me",))
    assert (
        Settings.from_config(json.loads(json.dumps({"model_type": "qwen3", "indexlm": settings.to_dict()})), "x")
        == settings
    )


@pytest.mark.parametrize(
    ("missing", "message"), [("config.json", "holds a config.json"), ("tokenizer.json", "holds a tokenizer.json")]
)
def test_a_directory_that_is_no_checkpoint_is_refused(
    tiny_pair: Pair, tmp_path: Path, missing: str, message: str
) -> None:
    shutil.copytree(tiny_pair["classifier"][1], tmp_path / "m")
    (tmp_path / "m" / missing).unlink()
    with pytest.raises(IndexLMError, match=message):
        open_head(tmp_path / "m")


def test_a_broken_config_or_model_is_refused(tiny_pair: Pair, tmp_path: Path) -> None:
    shutil.copytree(tiny_pair["classifier"][1], tmp_path / "m")
    (tmp_path / "m" / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(IndexLMError, match="cannot be loaded"):
        open_head(tmp_path / "m")
    shutil.copy(tiny_pair["decoder"][1] / "model.onnx", tmp_path / "m")
    with pytest.raises(IndexLMError, match="found input_ids, past"):
        open_head(tmp_path / "m")
    (tmp_path / "m" / "model.onnx").unlink()
    with pytest.raises(IndexLMError, match="cannot be loaded as a checkpoint"):
        open_head(tmp_path / "m")
    (tmp_path / "m" / "tokenizer.json").write_text("{")
    with pytest.raises(IndexLMError, match="cannot be read as a tokenizer"):
        open_head(tmp_path / "m")
    (tmp_path / "m" / "config.json").write_text('{"model_type": "qwen3", "indexlm": []}')
    with pytest.raises(IndexLMError, match="found list"):
        open_head(tmp_path / "m")
    (tmp_path / "m" / "config.json").write_text("{")
    with pytest.raises(IndexLMError, match="cannot be read as JSON"):
        open_head(tmp_path / "m")


def test_a_name_that_is_neither_directory_nor_hub_id_is_refused() -> None:
    with pytest.raises(IndexLMError, match="is a directory or a Hugging Face id"):
        open_head("./nowhere")


def test_a_hub_id_that_cannot_be_had_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(IndexLMError, match="cannot be had from the Hugging Face Hub"):
        open_head("nobody/no-such-model")


def test_a_hub_id_is_opened_from_the_cache(tiny_pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Hub's own loading code, on a cache laid out as the Hub's client lays it out."""
    repo = tmp_path / "models--someone--tiny"
    shutil.copytree(tiny_pair["decoder"][1], repo / "snapshots" / "abc")
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("abc")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert isinstance(open_head("someone/tiny"), DecoderHead)


def test_an_unknown_runtime_is_refused(tiny_pair: Pair) -> None:
    with pytest.raises(IndexLMError, match="'jax'"):
        open_head(tiny_pair["decoder"][1], runtime="jax")  # type: ignore[arg-type]
    with pytest.raises(IndexLMError, match=r"needs a model\.onnx"):
        open_head(tiny_pair["decoder"][0], runtime="onnx")
