"""The decoder: caches, grammar, answers of windows, and queries that stand last."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from heads import DecoderHead, open_head
from heads.cascade import BY_PROSE
from heads.encoding import encode
from indexlm import format_intervals, parse_intervals, read_page, to_intervals
from tests.conftest import MAIN, golden_page
from tests.models import Alone, Function, Pair, Reads, Script, rebuilt


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


@pytest.mark.parametrize("begins", ["alone", "side by side", "behind the same"])
@pytest.mark.parametrize("runtime", ["torch", "onnx", "onnx, one row"])
def test_caches_continued_together_are_as_if_alone(tiny_pair: Pair, runtime: str, begins: str, tmp_path: Path) -> None:
    """Of different lengths, as some end and one is left; also where a model was exported for one row at a time."""
    path = tiny_pair["decoder"][runtime != "torch"]
    if runtime == "onnx, one row":
        path = Path(shutil.copytree(path, tmp_path / "fixed"))
        graph = onnx.load(path / "model.onnx")
        for given in graph.graph.input:
            given.type.tensor_type.shape.dim[0].dim_value = 1
        onnx.save(graph, path / "model.onnx")
    head = open_head(path, threads=1)
    assert isinstance(head, DecoderHead)
    model: Any = head.model
    answers = sorted(head.grammar.text)
    texts = [list(range(5, 5 + length)) for length in (40, 9, 90, 23)]
    same = model(texts[0][:5], None)[1] if begins == "behind the same" else None
    if begins == "alone":
        begun = [model(text, None) for text in texts]
    else:
        begun = model.read([text[5 if same else 0 :] for text in texts], [same] * len(texts))

    def check(logits: Any, i: int, *more: int) -> None:
        alone = model([*texts[i], *more], None)[0]
        np.testing.assert_allclose(logits[answers], alone[answers], atol=1e-4)

    for i, (logits, _) in enumerate(begun):
        check(logits, i)
    caches = [cache for _, cache in begun]
    for number, rows in enumerate(([0, 1, 2, 3], [0, 1, 2, 3], [0, 2, 3], [2, 0])):
        found = model.together([50 + number] * len(rows), [caches[i] for i in rows])
        for i, (logits, cache) in zip(rows, found, strict=True):
            check(logits, i, *range(50, 51 + number))
            caches[i] = cache
    check(model([54, 55], caches[2])[0], 2, *range(50, 56))
    if begins == "alone" and runtime != "onnx, one row":  # what was begun with is left as it was
        check(model([60], begun[0][1])[0], 0, 60)
    if same:
        check(model([*texts[1][5:], 61], same)[0], 1, 61)


@pytest.mark.parametrize("runtime", [0, 1])
def test_decoder_reads_forward_only(tiny_pair: Pair, runtime: int) -> None:
    """The logits after a token do not depend on what follows it."""
    model = open_head(tiny_pair["decoder"][runtime]).model  # type: ignore[union-attr]
    first, cache = model([5, 6, 7], None)
    model([8, 9], cache)
    again, _ = model([5, 6, 7], None)
    np.testing.assert_allclose(first, again, atol=1e-5)


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


def test_a_calibrated_decoder_ends_its_answers_later(tiny_pair: Pair) -> None:
    """For its task alone; without end, an answer goes on to its window's last lines, and the other way it is NA."""
    head = open_head(tiny_pair["decoder"][1])
    assert isinstance(head, DecoderHead)
    name = next(name for name in MAIN if not head([golden_page(name)])[0].warnings)  # of which anything is kept
    pages = [golden_page(name), golden_page(name, "what is it?")]
    before = [p.indices for p in head(pages)]

    def kept(end_penalty: float) -> tuple[int, ...]:
        penalized = replace(head.settings, calibration={"me": {"end_penalty": end_penalty}})
        me, qe = head.with_settings(penalized)(pages)
        assert qe.indices == before[1]
        return () if me.warnings == (BY_PROSE,) else me.indices

    assert kept(0.0) == before[0]
    assert kept(-1e3) == ()
    late = kept(1e3)
    for window in encode(pages[0], head.tokenizer, head.settings):
        assert set(range(window.bounds[-3] + 1, window.bounds[-1] + 1)) & set(late)


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
    assert free.indices == indices or (text == "NA" and free.warnings == (BY_PROSE,))
    assert (free.tokens["repaired"], free.tokens["unreadable"]) == (repaired, unreadable)
    assert bool(free.error) == bool(unreadable)
    assert free.tokens["generated"] == script.continued + 1  # the last one is not read
    assert free.tokens["generated"] <= len(head.tokenizer.encode("[[1,1],[3,3]]" * len(page.blocks)).ids)
    head = rebuilt(head, constrained=True)
    (bound,) = head([page])
    assert (bound.error, bound.tokens["repaired"], bound.tokens["unreadable"]) == ("", 0, 0)


def test_one_unreadable_window_makes_the_page_unreadable(tiny_pair: Pair) -> None:
    head = open_head(tiny_pair["decoder"][1])
    assert isinstance(head, DecoderHead)
    head = rebuilt(head, constrained=False)
    good, bad = (Script(head.tokenizer, text) for text in ("[[1,2]]", "none of it"))

    class FirstIsGood(Alone):
        def __call__(self, ids: Any, cache: Any) -> Any:
            script, inner = cache or (bad, None)
            logits, inner = script(ids, inner)
            return logits, (script, inner)

        def read(self, sequences: Any, caches: Any) -> Any:
            return [self(ids, (bad if i else good, None)) for i, ids in enumerate(sequences)]

    head = head.with_model(FirstIsGood())
    (prediction,) = head([golden_page("docs")])
    assert prediction.tokens["windows"] > 1
    assert prediction.tokens["unreadable"] == prediction.tokens["windows"] - 1
    assert (prediction.indices, prediction.error) == ((), prediction.error)
    assert "found 'none of it'" in prediction.error


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


@pytest.mark.parametrize(
    ("logit", "query", "kept"), [(0.1, "Who sings?", ()), (9, "Who sings?", (2,)), (0.1, "A cat?", (2,))]
)
def test_a_doubtful_answer_shares_a_word_with_its_question(
    tiny_pair: Pair, logit: float, query: str, kept: tuple[int, ...]
) -> None:
    """A decoder doubts where the first token of its answer could as well be that of `NA`."""
    head = open_head(tiny_pair["decoder"][1])
    assert isinstance(head, DecoderHead)
    script = Script(head.tokenizer, "[[2,2]]")

    def model(ids: Any, cache: Any) -> Any:
        logits, cache = script(ids, cache)
        return logits * np.float32(logit), cache

    head = head.with_model(Function(model))
    head = head.with_settings(replace(head.settings, calibration={"qe": {"end_penalty": 0.0}}))
    page = read_page("<p>The keeper sleeps at home.</p><p>The cat is out.</p><p>It rains.</p>", query=query)
    assert head([page])[0].indices == kept


def test_a_block_is_kept_if_any_window_keeps_it(tiny_pair: Pair) -> None:
    head = open_head(tiny_pair["decoder"][1])
    assert isinstance(head, DecoderHead)
    head = head.with_model(Script(head.tokenizer, "[[1,1]]"))
    head = head.with_settings(replace(head.settings, window_tokens=300, overlap=2))
    page = golden_page("docs")
    windows = encode(page, head.tokenizer, head.settings)
    assert len(windows) > 1
    assert head([page])[0].indices == tuple(window.bounds[0] + 1 for window in windows)


@pytest.mark.parametrize("runtime", [0, 1])
def test_what_windows_of_a_page_begin_with_is_read_once(
    tiny_pair: Pair, runtime: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the answers are those of windows that are read from their beginnings."""
    head = open_head(tiny_pair["decoder"][runtime], threads=1)
    assert isinstance(head, DecoderHead)
    head = head.with_settings(replace(head.settings, window_tokens=160, calibration={"qe": {"end_penalty": 1e3}}))
    page = golden_page("docs", "what is it?")
    windows = encode(page, head.tokenizer, head.settings)
    once, again = Reads(head.model), Reads(head.model)
    reader = head.with_model(once)
    kept = reader([page])[0].indices
    assert not reader._prefixes  # no other page begins like this one
    monkeypatch.setattr("heads.decoder._MIN_SHARED", 10_000)
    assert kept == head.with_model(again)([page])[0].indices
    assert len(windows) > 2
    assert again.tokens - once.tokens == (len(windows) - 1) * windows[0].shared
