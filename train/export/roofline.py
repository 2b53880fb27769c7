"""The machine's peak rates of matrix products, and how near to these an exported model comes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from heads import ClassifierHead, Runtime, open_head
from train.export.to_onnx import Precision

_TOKENS_PER_PLACE = 16
_PRODUCTS = {"fp32": "fp32", "int8": "int8", "int4": "int8"}  # the products of a model, by its precision


class Speed(NamedTuple):
    """One forward pass, and its floor: the time of its products at the measured peaks.

    tokens: how many the pass reads.
    seconds: the best of several passes.
    linear, attention: the seconds of the floor's two parts.
    peaks: the machine's rates in GFLOP/s.
    """

    tokens: int
    seconds: float
    linear: float
    attention: float
    peaks: dict[str, float]

    @property
    def ratio(self) -> float:
        """How many times its floor the pass takes."""
        return self.seconds / (self.linear + self.attention)


def flops(config: dict[str, Any], tokens: int, places: int, causal: bool) -> tuple[int, int]:
    """A Qwen3's config -> the operations of a forward pass that reads at `places`: of linear layers, and of attention.

    A multiplication and an addition count two. The last layer is computed at the places alone, but its keys and values
    everywhere. Causal attention does not count later tokens. The layer of a few labels or answers is not counted.
    """
    width, size, layers = config["hidden_size"], config["head_dim"], config["num_hidden_layers"]
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    keys_and_values = width * 2 * kv_heads * size
    rest = 2 * width * heads * size + 3 * width * config["intermediate_size"]
    linear = layers * tokens * keys_and_values + ((layers - 1) * tokens + places) * rest
    pairs = tokens * (tokens + 1) // 2 if causal else tokens * tokens
    attention = 2 * heads * size * ((layers - 1) * pairs + places * tokens)
    return 2 * linear, 2 * attention


def peaks(threads: int = 0, size: int = 1024) -> dict[str, float]:
    """GFLOP/s of this machine, best of several products.

    `fp32` and `bf16` (torch; bf16 where the processor has products for it) and `int8` (ONNX Runtime's MatMulInteger)
    multiply (size, size) with (size, 3 * size). `attention` is the two products of 16 heads of 128 over `size` tokens
    in fp32, without the softmax.
    """
    import torch

    rates = {}
    with _threads(threads), torch.inference_mode():
        kinds = {"fp32": torch.float32}
        if torch.ops.mkldnn._is_mkldnn_bf16_supported():
            kinds["bf16"] = torch.bfloat16
        for name, kind in kinds.items():
            a, b = torch.rand(size, size).to(kind), torch.rand(size, 3 * size).to(kind)
            rates[name] = 6 * size**3 / best_seconds(lambda a=a, b=b: a @ b) / 1e9  # type: ignore[misc]
        rates["int8"] = 6 * size**3 / best_seconds(_integer_product(threads, size)) / 1e9
        q, k, v = (torch.rand(16, size, 128) for _ in range(3))
        rates["attention"] = 4 * 16 * 128 * size**2 / best_seconds(lambda: (q @ k.mT) @ v) / 1e9
    return rates


def measure(exported: Path, precision: Precision, tokens: int, threads: int = 0, runtime: Runtime = "onnx") -> Speed:
    """One pass of an exported model over random tokens, read at every 16th, and the machine's peaks in the same run.

    The peaks are measured before and after, and the better ones count. OpenVINO is compared with bf16, where the
    processor has it.
    """
    import numpy as np

    head = open_head(exported, runtime, threads)
    config = json.loads((exported / "config.json").read_text("utf-8"))
    ids = np.random.default_rng(0).integers(0, config["vocab_size"], tokens).tolist()
    before = peaks(threads)
    if isinstance(head, ClassifierHead):
        scorer = head.scorer
        places = list(range(_TOKENS_PER_PLACE - 1, tokens, _TOKENS_PER_PLACE)) or [tokens - 1]
        seconds = best_seconds(lambda: scorer([ids], [places]))
        linear, attention = flops(config, tokens, len(places), causal=config.get("is_causal", True))
    else:
        model = head.model
        seconds = best_seconds(lambda: model(ids, None))
        linear, attention = flops(config, tokens, 1, causal=True)
    best = {name: max(rate, before[name]) for name, rate in peaks(threads).items()}
    in_bf16 = runtime == "openvino" and "bf16" in best
    product = best["bf16" if in_bf16 else _PRODUCTS[precision]] * 1e9
    return Speed(tokens, seconds, linear / product, attention / (best["attention"] * 1e9), best)


@contextlib.contextmanager
def _threads(count: int) -> Iterator[None]:
    """Run torch on so many threads; 0 leaves their number as it is."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def best_seconds(run: Callable[[], object], times: int = 5) -> float:
    """The least seconds of several runs, after one that is not counted."""
    run()
    seconds = []
    for _ in range(times):
        began = perf_counter()
        run()
        seconds.append(perf_counter() - began)
    return min(seconds)


def _integer_product(threads: int, size: int) -> Callable[[], object]:
    import numpy as np
    import onnxruntime as ort
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(0)
    weight = numpy_helper.from_array(rng.integers(-127, 128, (size, 3 * size)).astype(np.int8), "b")
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["a", "b"], ["c"])],
        "product",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, [size, size])],
        [helper.make_tensor_value_info("c", TensorProto.INT32, [size, 3 * size])],
        [weight],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    a = rng.integers(0, 256, (size, size)).astype(np.uint8)
    return lambda: session.run(None, {"a": a})
