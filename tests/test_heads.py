"""Both heads on tiny real Qwen3 models, in both runtimes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from heads import ClassifierHead, DecoderHead, open_head
from heads.cascade import plan
from heads.content.coherence import coherent
from heads.encoding import encode
from heads.selection import choose
from indexlm import read_page
from indexlm.layout import word_count
from indexlm.prompt import render
from tests.conftest import golden_page
from tests.models import PAGES, Pair, Script, calibration, rebuilt, tree_scores


@pytest.mark.parametrize("head", ["classifier", "decoder"])
def test_runtimes_agree(tiny_pair: Pair, head: str) -> None:
    """torch and ONNX Runtime choose the same blocks on every golden page; probabilities differ by less than 1e-4."""
    by_torch, by_onnx = (open_head(path, threads=1)(PAGES) for path in tiny_pair[head])
    assert [p.indices for p in by_torch] == [p.indices for p in by_onnx]
    assert len({p.indices for p in by_torch}) > 3  # the models do tell pages apart
    if head == "classifier":
        for a, b in zip(by_torch, by_onnx, strict=True):
            assert a.scores == pytest.approx(b.scores, abs=1e-4)


@pytest.mark.parametrize("runtime", [0, 1])
def test_classifier_reads_both_ways(tiny_pair: Pair, runtime: int) -> None:
    """A change in the last token changes what is read at the first."""
    scorer = open_head(tiny_pair["classifier"][runtime]).scorer  # type: ignore[union-attr]
    (one,), (two,) = scorer([[5, 6, 7, 8]], [[0]]), scorer([[5, 6, 7, 9]], [[0]])
    assert abs(one - two).max() > 1e-4


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


@pytest.mark.parametrize("name", ["classifier", "decoder"])
def test_how_many_tokens_are_read_at_once_changes_no_result(name: str, tiny_pair: Pair) -> None:
    few, many = (open_head(tiny_pair[name][0], "torch", alone=True) for _ in range(2))
    assert isinstance(few, ClassifierHead | DecoderHead)
    assert isinstance(many, ClassifierHead | DecoderHead)
    few.batch_tokens, many.batch_tokens = 1, 100_000
    for one, other in zip(few(PAGES), many(PAGES), strict=True):
        assert one.indices == other.indices
        assert one.scores == other.scores or one.scores == pytest.approx(other.scores, abs=1e-5)


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


def test_the_blocks_of_a_line_share_its_score_and_its_fate(tiny_pair: Pair) -> None:
    """Of both heads; and what is settled the decoder is not asked for."""
    page = golden_page("docs")
    prompt = render(page, tree_scores=tree_scores(page))
    lines = list(pairwise(prompt.bounds))
    assert any(stop - start > 1 for start, stop in lines)
    assert set(prompt.fixed) == {True, False, None}
    for name in ("classifier", "decoder"):
        head = open_head(tiny_pair[name][1])
        head = rebuilt(head, trees=tree_scores)
        head = head.with_settings(replace(head.settings, window_tokens=4000))
        if isinstance(head, DecoderHead):
            head = head.with_model(Script(head.tokenizer, "[[1,3]]"))
            expected = [
                i + 1
                for number, (verdict, (start, stop)) in enumerate(zip(prompt.fixed, lines, strict=True), 1)
                for i in range(start, stop)
                if verdict or (verdict is None and number <= 3)
            ]
            chosen_by = plan(page, head.trees, None).content_scores or []
            assert head([page])[0].indices == coherent(page, expected, chosen_by)
            head = rebuilt(head, trees=lambda page, layout: [0.99] * len(page.blocks))
            chosen_by = plan(page, head.trees, None).content_scores or []
            (prediction,) = head([page])
            every = range(1, len(page.blocks) + 1)
            assert prediction.indices == coherent(page, every, chosen_by)
            assert prediction.tokens["read"] == 0
        else:
            scores = head([page])[0].scores
            assert scores is not None
            assert all(len(set(scores[start:stop])) == 1 for start, stop in lines)
            assert len(set(scores)) > len(lines) // 2


def test_page_without_blocks_keeps_nothing(tiny_pair: Pair) -> None:
    for head in ("classifier", "decoder"):
        (prediction,) = open_head(tiny_pair[head][1])([read_page("")])
        assert prediction.indices == ()
        assert prediction.error == ""
