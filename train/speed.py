"""The cost of a training at a published size: tokens a second, model-FLOPs utilisation and peak memory."""

from __future__ import annotations

import gc
import json
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from eval.synthetic import synthetic_page
from indexlm.html.read import read_page
from indexlm.models import shipped
from indexlm.page import IndexLMError, first_line
from indexlm.prompt import CHAT_END, PROMPT_FORMAT, render
from train.attention import attention, precision
from train.export.roofline import best_seconds
from train.recipe import Recipe

_WARM_UP = 3  # steps that are not counted
_PAGES_PER_ROW = 4  # of packed rows


def speed(head: str, config: dict[str, Any], tokens: int, batches: list[int], steps: int) -> Iterator[dict[str, Any]]:
    """A Qwen3 configuration with random weights -> one result a setting, with the recipe that users train with.

    The settings are the batches, each with and without packing and checkpointing. Rows are full: `tokens` of one page,
    or of several where they are packed. Utilisation is the model's FLOPs (without recomputation) over the rate of
    matrix products measured here, in the precision of the training. No model is written. A setting that fails has an
    `error`. Raises `IndexLMError` for less than six steps.
    """
    from transformers import PreTrainedTokenizerFast, Qwen3Config

    if steps < 2 * _WARM_UP:
        raise IndexLMError(f"a setting takes at least {2 * _WARM_UP} steps; found {steps}")
    kind = precision(Recipe())
    peak = _matmul_rate(kind)
    with tempfile.TemporaryDirectory() as scratch:
        start = Path(scratch) / "start"
        file = str(shipped("decoder") / "tokenizer.json")
        tokenizer = PreTrainedTokenizerFast(tokenizer_file=file, eos_token=CHAT_END, pad_token="<|endoftext|>")
        tokenizer.save_pretrained(start)
        Qwen3Config(**config).save_pretrained(start)  # a trial needs no weights
        for n, (batch, packing, checkpointing) in enumerate(product(batches, (True, False), (True, False))):
            length = tokens // _PAGES_PER_ROW if packing else tokens - 64  # kept free for answers
            data = Path(scratch) / f"{n}.parquet"
            _write_rows(data, tokenizer, length, batch * steps * (_PAGES_PER_ROW if packing else 1))
            recipe = Recipe(
                model=str(start),
                data=str(data),
                out=str(Path(scratch) / f"{head}-{n}"),
                held_out=0.0,
                max_tokens=tokens,
                packing=packing,
                checkpointing=checkpointing,
                steps=steps,
                batch=batch,
                device_batch=batch,
                log_steps=_WARM_UP,
            )
            result: dict[str, Any] = {"head": head, "batch": batch, "packing": packing, "checkpointing": checkpointing}
            result |= {"tokens": tokens, "precision": kind, "attention": attention(recipe)}
            try:
                result |= _measured(head, recipe, config, length, peak)
            except Exception as error:  # the other settings are still worth measuring
                result["error"] = f"{type(error).__name__}: {first_line(error)}"
            _free_memory()
            yield result


def training_flops(config: dict[str, Any], length: int, causal: bool) -> float:
    """A Qwen3 configuration -> FLOPs a token of a training step on pages of `length` tokens, without the embedding.

    A multiplication and an addition count two. There are three passes: forward, and backward for inputs and weights. A
    causal model attends to half of the pairs.
    """
    width, size, layers = config["hidden_size"], config["head_dim"], config["num_hidden_layers"]
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    linear = layers * width * (2 * heads * size + 2 * kv_heads * size + 3 * config["intermediate_size"])
    attention = layers * 2 * heads * size * length * (0.5 if causal else 1.0)
    return float(6 * (linear + attention))


def _measured(head: str, recipe: Recipe, config: dict[str, Any], length: int, peak: float) -> dict[str, Any]:
    """Train without saving -> rate, utilisation and peak memory."""
    import torch

    from train.classifier import train_classifier
    from train.decoder import train_decoder

    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    (train_classifier if head == "classifier" else train_decoder)(recipe, trial=True)
    lines = [json.loads(line) for line in (Path(recipe.out) / "log.jsonl").read_text("utf-8").splitlines()]
    first, last = lines[0], lines[-1]  # the first line is that of the last warm-up step
    rate = (last["tokens"] - first["tokens"]) / (last["seconds"] - first["seconds"])
    flops = training_flops(config, length, causal=head == "decoder")
    return {
        "tokens_per_second": round(rate),
        "matmul_tflops": round(peak / 1e12, 2),
        "mfu": round(rate * flops / peak, 4),
        "peak_gb": last["peak_bytes"] and round(last["peak_bytes"] / 1e9, 2),
    }


def _free_memory() -> None:
    """Free the model of a setting, and its compiled layers."""
    import torch

    torch._dynamo.reset()
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _matmul_rate(kind: str) -> float:
    """FLOP/s of matrix products in bf16 or fp32: the best of several."""
    import torch

    on_gpu = torch.cuda.is_available()
    size = 8192 if on_gpu else 1024
    dtype = torch.bfloat16 if kind == "bf16" else torch.float32
    a, b = (torch.randn(size, size, dtype=dtype, device="cuda" if on_gpu else "cpu") for _ in range(2))

    def products() -> None:
        for _ in range(4):
            a @ b
        if on_gpu:
            torch.cuda.synchronize()

    return float(4 * 2 * size**3 / best_seconds(products, times=10))


def _write_rows(path: Path, tokenizer: Any, length: int, count: int) -> None:
    """Write `count` rows in the layout of `data build`: a synthetic page cut to `length` tokens with its answer."""
    import pyarrow as pa
    from pyarrow import parquet

    from train.data.rows import tokenize
    from train.decoder import features

    prompt = render(read_page(synthetic_page(0, max(4, length // 16)).html), "structural", 16)

    def row(lines: int) -> dict[str, Any]:
        contents = {"system": prompt.system, "user": prompt.user(1, lines), "assistant": f"[[1,{lines // 2}]]"}
        messages = [{"role": role, "content": content} for role, content in contents.items()]
        return {"messages": messages, "gold": list(range(1, lines // 2 + 1)), "task": "me", "url": "", "title": ""}

    low, high = 2, len(prompt.bodies)
    while low < high:  # the most lines that fit
        middle = (low + high + 1) // 2
        fits = len(features(tokenize(row(middle) | {"id": ""}, tokenizer, ""), tokenizer)["input_ids"]) <= length
        low, high = (middle, high) if fits else (low, middle - 1)
    rendering = {"prompt_format": PROMPT_FORMAT, "profile": "structural", "block_units": 16, "query_units": 24}
    table = pa.Table.from_pylist([row(low) | {"id": str(i)} for i in range(count)])
    parquet.write_table(table.replace_schema_metadata({"indexlm": json.dumps(rendering)}), path)
