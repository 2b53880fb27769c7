"""An exported model -> the weights of its checkpoint, to train on from a model that ships as ONNX.

The reverse of `train.export.modules`. Weights in 8 bits come back as the numbers that they stand for, so that another
export gives the same file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexlm.page import IndexLMError
from train.errors import explained

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import Qwen3Config


def restore(path: Path, config: Qwen3Config) -> dict[str, Tensor]:
    """`model.onnx` of this package (fp32 or int8) and its Qwen3 configuration -> the checkpoint's weights by name.

    Raises `IndexLMError` for a file that is not such an export.
    """
    import torch

    exported = _Exported(path)
    is_classifier = config.architectures[0].endswith("TokenClassification")
    try:
        weights = {"model.embed_tokens.weight": exported.embedding(), "model.norm.weight": exported.norms[-1]}
        for i in range(config.num_hidden_layers):
            is_last = i == config.num_hidden_layers - 1
            layer = _layer(exported, config, i, is_last, reads_places=is_classifier and is_last)
            weights |= {f"model.layers.{i}.{name}.weight": weight for name, weight in layer.items()}
        if is_classifier:
            weights |= {"score.weight": exported.matrix("score"), "score.bias": exported.tensors["bias"]}
        elif not config.tie_word_embeddings:
            raise IndexLMError(
                f"training goes on from a decoder whose vocabulary layer is its embedding; that of {path} is not"
            )
    except (KeyError, IndexError, ValueError, TypeError, RuntimeError) as error:
        raise IndexLMError(
            f"training goes on from an fp32 or int8 export of this package; {path} is none ({error})"
        ) from None
    return {name: weight.clone(memory_format=torch.contiguous_format) for name, weight in weights.items()}


class _Exported:
    """The tensors of an exported model by name, and the weights of its norms in the order of the graph."""

    def __init__(self, path: Path) -> None:
        import onnx
        import torch
        from onnx import numpy_helper

        # Protobuf and onnx have no narrower type than Exception for a file that they cannot read.
        with explained(f"{path} cannot be read as an ONNX model"):
            graph = onnx.load(path).graph
            tensors = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
        self.tensors = tensors
        # By their order, because equal norms share one name, as they do before training.
        self.norms: list[Any] = [tensors.get(n.input[1]) for n in graph.node if n.op_type == "RMSNormalization"]

    def embedding(self) -> Tensor:
        """The embedding (vocabulary, hidden)."""
        embedding = self.tensors["embedding"].float()
        return embedding * self.tensors["scales"] if "scales" in self.tensors else embedding

    def matrix(self, name: str) -> Any:  # split and chunk of a Tensor have no types
        """The weight of a linear layer (outputs, inputs)."""
        if name in self.tensors:
            return self.tensors[name].T.contiguous()
        steps = self.tensors[f"{name}_quantized"].float() - self.tensors[f"{name}_zero_point"].float()
        return (steps * self.tensors[f"{name}_scale"]).T.contiguous()


def _layer(exported: _Exported, config: Qwen3Config, i: int, is_last: bool, reads_places: bool) -> dict[str, Tensor]:
    """The weights of layer i by their names below the layer's."""
    size = config.head_dim
    key_value_width = config.num_key_value_heads * size
    prefix = "last" if is_last else f"layers.{i}"
    before, q_norm, k_norm, between = exported.norms[4 * i : 4 * i + 4]
    if reads_places:  # `ExportClassifier` computes the keys of its last layer first
        q_norm, k_norm = k_norm, q_norm
        q, (k, v) = exported.matrix(f"{prefix}.q"), exported.matrix(f"{prefix}.kv").split(key_value_width)
    else:
        widths = [config.num_attention_heads * size, key_value_width, key_value_width]
        q, k, v = exported.matrix(f"{prefix}.qkv").split(widths)
    gate, up = exported.matrix(f"{prefix}.gate_up").chunk(2)
    return {
        "self_attn.q_proj": q,
        "self_attn.k_proj": k,
        "self_attn.v_proj": v,
        "self_attn.o_proj": exported.matrix(f"{prefix}.o"),
        "self_attn.q_norm": q_norm * size**0.5,
        "self_attn.k_norm": k_norm,
        "mlp.gate_proj": gate,
        "mlp.up_proj": up,
        "mlp.down_proj": exported.matrix(f"{prefix}.down"),
        "input_layernorm": before,
        "post_attention_layernorm": between,
    }
