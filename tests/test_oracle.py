"""The oracle decoder of timings."""

from __future__ import annotations

import pytest

from eval.speed.oracle import oracle_decoder
from heads import DecoderHead, open_head
from heads.encoding import encode
from indexlm import format_intervals, to_intervals
from tests.conftest import MAIN, golden_indices, golden_page
from tests.models import Pair, Reads, rebuilt


@pytest.mark.parametrize("constrained", [True, False])
@pytest.mark.parametrize("runtime", [0, 1])
def test_a_forced_decoder_writes_the_gold_answer_and_its_model_reads_it(
    tiny_pair: Pair, runtime: int, constrained: bool
) -> None:
    """Random weights, the tokens of the gold answers, and no other: all but the last are read by the model."""
    head = open_head(tiny_pair["decoder"][runtime])
    assert isinstance(head, DecoderHead)
    head = rebuilt(head, constrained=constrained)
    reads = Reads(head.model)
    head = head.with_model(reads)
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
    unread = sum(p.tokens["generated"] for p in predictions) - reads.continued
    assert windows <= unread <= 3 * windows if constrained else unread == windows  # a grammar knows how an answer ends
