"""What many queries on one page cost a decoder, by where the query stands: before the blocks, or after them."""

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
def small(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool], DecoderHead]:
    """Decoders of the shipped size, exported in 8 bits, with random weights: only what they cost is looked at.

    They are held to answer NA, so that reading is what is timed.
    """
    from transformers import PreTrainedTokenizerFast, Qwen3ForCausalLM

    from heads import Settings
    from train.backbone import small_config
    from train.export.to_onnx import export

    made, out = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("out")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(shipped("decoder") / "tokenizer.json"), eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    config = small_config(tokenizer, more_layers=1)
    config.indexlm = Settings("decoder", calibration={"qe": (-1e3,)}).to_dict()
    Qwen3ForCausalLM(config).save_pretrained(made)
    tokenizer.save_pretrained(made)
    export(made, out, "int8")

    def opened(query_last: bool) -> DecoderHead:
        head = open_head(out, threads=1)
        assert isinstance(head, DecoderHead)
        head.settings = replace(head.settings, query_last=query_last)
        return head

    return opened


@pytest.mark.parametrize("query_last", [False, True])
@pytest.mark.parametrize("count", [1, 10, 50])
def test_queries_on_a_page(benchmark: Any, small: Callable[[bool], DecoderHead], count: int, query_last: bool) -> None:
    head = small(query_last)
    pages = [replace(PAGE, query=query) for query in QUERIES[:count]]

    def ask() -> list[Any]:
        head.kept.clear()
        return head(pages)

    predictions = benchmark(ask)
    assert {p.indices for p in predictions} == {()}
    benchmark.extra_info |= {"blocks": len(PAGE.blocks), "tokens": predictions[0].tokens["read"]}
