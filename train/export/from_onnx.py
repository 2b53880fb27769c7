"""An exported model's weights, back for training: what a small model that ships as ONNX is trained on from.

The reverse of `train.lean`. Weights in 8 bits come back as the numbers that they stand for, so that an export of what
is read gives the same file again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["restore"]


def restore(path: Path, config: Any) -> dict[str, Tensor]:
    """`model.onnx` of this package (fp32 or int8) and its Qwen3 configuration -> the checkpoint's weights by name.

    Raises `IndexLMError` for a file that is not such an export.
    """
    import onnx
    import torch
    from onnx import numpy_helper

    try:
        graph = onnx.load(path).graph
        held = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
    except Exception as error:  # protobuf and onnx have no narrower type for a file that they cannot read
        raise IndexLMError(f"{path} cannot be read as an ONNX model: {error}") from None

    def matrix(name: str) -> Any:  # split and chunk of a Tensor are not typed
        if name in held:
            return held[name].T.contiguous()
        steps = held[f"{name}_quantized"].float() - held[f"{name}_zero_point"].float()
        return (steps * held[f"{name}_scale"]).T.contiguous()

    # Norms by their order in the graph: equal ones, as before training, share one name there.
    norms: list[Any] = [held.get(node.input[1]) for node in graph.node if node.op_type == "RMSNormalization"]
    size = config.head_dim
    widths = [config.num_attention_heads * size, config.num_key_value_heads * size, config.num_key_value_heads * size]
    last = config.num_hidden_layers - 1
    is_classifier = config.architectures[0].endswith("TokenClassification")
    try:
        embedding = held["embedding"].float() * held.get("scales", torch.tensor(1.0))
        weights = {"model.embed_tokens.weight": embedding, "model.norm.weight": norms[4 * last + 4]}
        for i in range(config.num_hidden_layers):
            lean, name = "last" if i == last else f"layers.{i}", f"model.layers.{i}"
            before, q_norm, k_norm, between = norms[4 * i : 4 * i + 4]
            if is_classifier and i == last:  # `LeanClassifier` computes its keys first
                q_norm, k_norm = k_norm, q_norm
                parts = [matrix(f"{lean}.q"), *matrix(f"{lean}.kv").split(widths[1:])]
            else:
                parts = list(matrix(f"{lean}.qkv").split(widths))
            for kind, part in zip("qkv", parts, strict=True):
                weights[f"{name}.self_attn.{kind}_proj.weight"] = part
            gate, up = matrix(f"{lean}.gate_up").chunk(2)
            weights |= {
                f"{name}.self_attn.o_proj.weight": matrix(f"{lean}.o"),
                f"{name}.self_attn.q_norm.weight": q_norm * size**0.5,
                f"{name}.self_attn.k_norm.weight": k_norm,
                f"{name}.mlp.gate_proj.weight": gate,
                f"{name}.mlp.up_proj.weight": up,
                f"{name}.mlp.down_proj.weight": matrix(f"{lean}.down"),
                f"{name}.input_layernorm.weight": before,
                f"{name}.post_attention_layernorm.weight": between,
            }
        if is_classifier:
            weights |= {"score.weight": matrix("score"), "score.bias": held["bias"]}
        elif not config.tie_word_embeddings:
            raise IndexLMError(
                f"training goes on from a decoder whose vocabulary layer is its embedding; that of {path} is not"
            )
    except (KeyError, IndexError, ValueError, TypeError, RuntimeError) as error:
        raise IndexLMError(
            f"training goes on from an fp32 or int8 export of this package; {path} is none ({error})"
        ) from None
    return {name: weight.clone(memory_format=torch.contiguous_format) for name, weight in weights.items()}
