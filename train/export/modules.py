"""Qwen3 written for export: the same numbers as transformers' modules, with fewer and larger operations.

- One product gives queries, keys and values, another one gate and up.
- A classifier's last layer is computed only where blocks are read, a decoder's vocabulary layer only for the tokens of
  answers.
- RMS norms and rotations are ONNX's own operators (opset 23).
- Causal attention is ONNX Runtime's `GroupQueryAttention`. It does not repeat keys and values for the queries that
  share them, and writes a decoder's to the end of its cache in place.

The layers of the transformers model are deleted one by one, so that no weight is in memory twice.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import embedding, rms_norm, silu
from torch.onnx.ops import rotary_embedding

from indexlm.page import IndexLMError

_MASKED = 1e4  # subtracted from the scores of masked tokens


class _Layer(torch.nn.Module):
    """A decoder layer of Qwen3. Rotations are (cosines, sines)."""

    def __init__(self, layer: Any, config: Any, reads_places: bool) -> None:
        super().__init__()
        attention, mlp = layer.self_attn, layer.mlp
        self.heads, self.kv_heads = config.num_attention_heads, config.num_key_value_heads
        self.size, self.eps = config.head_dim, config.rms_norm_eps
        self.before, self.between = layer.input_layernorm.weight, layer.post_attention_layernorm.weight
        self.q_norm, self.k_norm = attention.q_norm.weight, attention.k_norm.weight
        q, k, v = (linear.weight for linear in (attention.q_proj, attention.k_proj, attention.v_proj))
        if reads_places:
            self.q, self.kv = torch.nn.Parameter(q.T.clone()), torch.nn.Parameter(torch.cat((k, v)).T.clone())
        else:
            self.qkv = torch.nn.Parameter(torch.cat((q, k, v)).T.clone())
        self.o = torch.nn.Parameter(attention.o_proj.weight.T.clone())
        self.gate_up = torch.nn.Parameter(torch.cat((mlp.gate_proj.weight, mlp.up_proj.weight)).T.clone())
        self.down = torch.nn.Parameter(mlp.down_proj.weight.T.clone())

    def split(self, projected: Tensor, heads: int) -> Tensor:
        """(batch, tokens, heads * size) -> (batch, heads, tokens, size)."""
        batch, tokens, _ = projected.shape
        return projected.view(batch, tokens, heads, self.size).transpose(1, 2)

    def finish(self, x: Tensor, attended: Tensor) -> Tensor:
        """The residual stream and the attention's output -> the layer's output."""
        batch, _, tokens, _ = attended.shape
        x = x + attended.transpose(1, 2).reshape(batch, tokens, self.heads * self.size) @ self.o
        gate, up = (rms_norm(x, x.shape[-1:], self.between, self.eps) @ self.gate_up).chunk(2, dim=-1)
        return x + (silu(gate) * up) @ self.down

    def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        """Queries (batch, heads, places, size) over keys and values (batch, kv heads, tokens, size)."""
        batch, _, places, _ = q.shape
        # The queries that share a key's head are rows of one product, so that keys and values are not repeated.
        scores = q.reshape(batch, self.kv_heads, -1, self.size) @ k.transpose(2, 3)
        scores = scores.view(batch, self.heads, places, -1) + mask
        weights = scores.softmax(dim=-1).view(batch, self.kv_heads, -1, k.shape[2])
        return (weights @ v).view(batch, self.heads, places, self.size)

    def queries(self, projected: Tensor, rotation: Any) -> Tensor:
        """Projected queries -> normed (scaled for attention) and rotated."""
        q = rms_norm(self.split(projected, self.heads), (self.size,), self.q_norm * self.size**-0.5, self.eps)
        return rotary_embedding(q, *rotation)

    def keys(self, projected: Tensor, rotation: Any) -> Tensor:
        """Projected keys -> normed and rotated."""
        k = rms_norm(self.split(projected, self.kv_heads), (self.size,), self.k_norm, self.eps)
        return rotary_embedding(k, *rotation)

    def project(self, x: Tensor, rotation: Any) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values (batch, heads, tokens, size) of all tokens; not of a layer that reads places."""
        projected: Any = rms_norm(x, x.shape[-1:], self.before, self.eps) @ self.qkv
        widths = [self.heads * self.size, self.kv_heads * self.size, self.kv_heads * self.size]
        q, k, v = projected.split(widths, dim=-1)
        return self.queries(q, rotation), self.keys(k, rotation), self.split(v, self.kv_heads)

    def forward(self, x: Tensor, rotation: Any, mask: Tensor | None) -> Tensor:
        """The layer's output under a mask; causal without one."""
        q, k, v = self.project(x, rotation)
        if mask is not None:
            return self.finish(x, self.attend(q, k, v, mask))
        total = torch.full((x.shape[0],), 1) * x.shape[1]
        return self.finish(x, self.attend_causally(q, k, v, None, total)[0])

    def attend_causally(
        self, q: Tensor, k: Tensor, v: Tensor, cache: tuple[Tensor, Tensor] | None, total: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values of new tokens, and the cache -> the causal attention's output, and the new cache.

        `total` (batch,) counts all tokens, those of the cache included. The cache (batch, kv heads, capacity, size) has
        room for them. Without a cache the keys and values are returned as they are.
        """
        batch, _, tokens, _ = q.shape
        flat = [part.transpose(1, 2).reshape(batch, tokens, -1) for part in (q, k, v)]
        keys, values = cache if cache is not None else (None, None)
        shape = k.shape if keys is None else keys.shape
        attended, keys, values = torch.onnx.ops.symbolic_multi_out(
            "com.microsoft::GroupQueryAttention",
            [*flat, keys, values, (total - 1).to(torch.int32), total.max().to(torch.int32)],
            # The weights of the queries' norm hold the scale.
            {"num_heads": self.heads, "kv_num_heads": self.kv_heads, "scale": 1.0},
            dtypes=[torch.float32] * 3,
            shapes=[flat[0].shape, shape, shape],
            version=1,
        )
        return self.split(attended, self.heads), keys, values

    def read(self, x: Tensor, places: Tensor, rotation: Any, place_rotation: Any, mask: Tensor) -> Tensor:
        """The output of a last layer at `places` (batch, places) alone."""
        rows = torch.arange(x.shape[0])[:, None]
        normed = rms_norm(x, x.shape[-1:], self.before, self.eps)
        k, v = (normed @ self.kv).chunk(2, dim=-1)
        k, v = self.keys(k, rotation), self.split(v, self.kv_heads)
        q = self.queries(normed[rows, places] @ self.q, place_rotation)
        return self.finish(x[rows, places], self.attend(q, k, v, mask))


class _Backbone(torch.nn.Module):
    """The embedding and layers of a Qwen3. Raises `IndexLMError` for an architecture that is written otherwise."""

    def __init__(self, model: Any, small_embedding: bool, reads_places: bool) -> None:
        super().__init__()
        config = model.config
        supported = {
            "model_type": (config.model_type, "qwen3"),
            "attention_bias": (config.attention_bias, False),
            "rope_type": (config.rope_parameters["rope_type"], "default"),
            "hidden_act": (config.hidden_act, "silu"),
            "layer_types": (sorted(set(config.layer_types)), ["full_attention"]),
        }
        for name, (value, expected) in supported.items():
            if value != expected:
                raise IndexLMError(f"export writes a Qwen3 with {name} {expected!r}; found {value!r}")
        self.embedding, self.scales = model.model.embed_tokens.weight, None
        if small_embedding:
            self.embedding, self.scales = (torch.nn.Parameter(x, requires_grad=False) for x in _to_int8(self.embedding))
        layers = model.model.layers
        self.layers: Any = torch.nn.ModuleList()
        for i in range(len(layers)):
            layer = _Layer(layers[i], config, reads_places and i == len(layers) - 1)
            layers[i] = torch.nn.Identity()
            self.layers.append(layer)
        self.last: Any = self.layers.pop(-1)
        self.norm, self.eps = model.model.norm.weight, config.rms_norm_eps
        steps = config.rope_parameters["rope_theta"] ** -(torch.arange(0, config.head_dim, 2) / config.head_dim)
        self.steps = torch.nn.Parameter(steps, requires_grad=False)

    def embed(self, ids: Tensor) -> Tensor:
        """Ids (batch, tokens) -> their embeddings."""
        rows = embedding(ids, self.embedding)
        return rows if self.scales is None else rows.float() * embedding(ids, self.scales)

    def rotation(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Positions (batch, tokens) -> the cosines and sines (batch, tokens, size / 2) of their rotation."""
        angles = positions[:, :, None].float() * self.steps
        return angles.cos(), angles.sin()


def _to_int8(weight: Tensor) -> tuple[Tensor, Tensor]:
    """A matrix -> its rows in 8 bits, and their scales (rows, 1)."""
    scales = weight.abs().amax(dim=1, keepdim=True).clamp(min=torch.finfo(torch.float32).tiny) / 127
    return (weight / scales).round().to(torch.int8), scales


class ExportClassifier(_Backbone):
    """A `Qwen3ForTokenClassification` with bidirectional or causal attention, with logits where blocks are read.

    `forward(input_ids (batch, tokens), attention_mask (batch, tokens), places (batch, places))` gives
    (batch, places, labels).
    """

    def __init__(self, model: Any, small_embedding: bool = False) -> None:
        super().__init__(model, small_embedding, reads_places=True)
        self.causal = getattr(model.config, "is_causal", True)
        self.score, self.bias = torch.nn.Parameter(model.score.weight.T.clone()), model.score.bias

    def forward(self, input_ids: Tensor, attention_mask: Tensor, places: Tensor) -> Tensor:
        positions = torch.arange(input_ids.shape[1])[None]
        # One row of the rotation for each of the batch: the exporter must see that there are as many as ids.
        rotation, place_rotation = (
            [part.expand(input_ids.shape[0], -1, -1) for part in self.rotation(at)] for at in (positions, places)
        )
        mask = (attention_mask[:, None, None, :].float() - 1) * _MASKED
        x = self.embed(input_ids)
        for layer in self.layers:
            # Padding comes last: causal attention does not see it.
            x = layer(x, rotation, None if self.causal else mask)
        if self.causal:  # the places do not see what comes after them
            mask = mask - (places[:, None, :, None] < positions[:, None, None, :]).float() * _MASKED
        x = self.last.read(x, places, rotation, place_rotation, mask)
        logits: Tensor = rms_norm(x, x.shape[-1:], self.norm, self.eps) @ self.score + self.bias
        return logits


class ExportDecoder(_Backbone):
    """A `Qwen3ForCausalLM` with logits of the tokens of answers, after the last token of the input.

    `forward(input_ids (rows, tokens), past (rows,), a layer's keys, its values, the next layer's keys, …)`, where
    `past` counts the tokens that the caches (rows, kv heads, capacity, size) hold, gives logits (rows, answers) and
    the caches. Where rows differ in `past`, each has one token.
    """

    def __init__(self, model: Any, answers: list[int], small_embedding: bool = False) -> None:
        super().__init__(model, small_embedding, reads_places=False)
        self.head = torch.nn.Parameter(model.lm_head.weight[answers].T.clone())

    def forward(self, input_ids: Tensor, past: Tensor, *caches: Tensor) -> tuple[Tensor, ...]:
        rotation = self.rotation(past[:, None] + torch.arange(input_ids.shape[1])[None])
        total = past + input_ids.shape[1]
        x = self.embed(input_ids)
        new_caches = []
        for i, layer in enumerate([*self.layers, self.last]):
            attended, *cache = layer.attend_causally(*layer.project(x, rotation), caches[2 * i : 2 * i + 2], total)
            if layer is self.last:
                x, attended = x[:, -1:], attended[:, :, -1:]
            x = layer.finish(x, attended)
            new_caches += cache
        logits = rms_norm(x[:, -1], x.shape[-1:], self.norm, self.eps) @ self.head
        return logits, *new_caches
