"""The cost of many queries on one page for a decoder: with the query before the blocks, or after them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from eval.synthetic import synthetic_page
from heads import DecoderHead, open_head
from indexlm import read_page
from indexlm.models import shipped

PAGE = read_page(synthetic_page(0, 40).html)
QUERIES = [f"What does sentence {i} tell of the {thing}?" for i in range(10) for thing in ("a", "b", "c", "d", "e")]


@pytest.fixture(scope="module")
def open_small(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool], DecoderHead]:
    """Opens decoders of the shipped size, exported in 8 bits, with random weights: only their cost matters.

    The end penalty makes them answer NA, so that reading is timed.
    """
    from transformers import PreTrainedTokenizerFast, Qwen3ForCausalLM

    from heads import Settings
    from train.backbone import small_config
    from train.export.to_onnx import export

    checkpoint, out = tmp_path_factory.mktemp("checkpoint"), tmp_path_factory.mktemp("onnx")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(shipped("decoder") / "tokenizer.json"), eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    config = small_config(tokenizer, more_layers=1)
    config.indexlm = Settings("decoder", calibration={"qe": {"end_penalty": -1e3}}).to_dict()
    Qwen3ForCausalLM(config).save_pretrained(checkpoint)
    tokenizer.save_pretrained(checkpoint)
    export(checkpoint, out, "int8")

    def opener(query_last: bool) -> DecoderHead:
        head = open_head(out, threads=1)
        assert isinstance(head, DecoderHead)
        return head.with_settings(replace(head.settings, query_last=query_last))

    return opener


@pytest.mark.parametrize("query_last", [False, True])
@pytest.mark.parametrize("count", [1, 10, 50])
def test_queries_on_a_page(
    benchmark: Any, open_small: Callable[[bool], DecoderHead], count: int, query_last: bool
) -> None:
    head = open_small(query_last)
    pages = [replace(PAGE, query=query) for query in QUERIES[:count]]

    def without_caches() -> tuple[tuple[DecoderHead], dict[str, Any]]:
        return (head.with_model(head.model),), {}

    predictions = benchmark.pedantic(lambda head: head(pages), setup=without_caches, rounds=5)
    assert {p.indices for p in predictions} == {()}
    benchmark.extra_info |= {"blocks": len(PAGE.blocks), "tokens": predictions[0].tokens["read"]}
