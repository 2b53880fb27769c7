"""Qwen3 written for export: the same numbers with fewer and larger operations than transformers' modules trace to.

Queries, keys and values come from one product, gate and up from another; the last layer is computed only where
something is read, and the vocabulary layer only for the tokens that an answer can hold. RMS norms and rotations are
ONNX's own operators (opset 23). Causal attention is ONNX Runtime's `GroupQueryAttention`: keys and values are not
repeated for the queries that share them, and those of a decoder are written to the end of its cache in place.

A model is taken apart: its layers are gone afterwards, so that no weight is held twice.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import embedding, rms_norm, silu
from torch.onnx.ops import rotary_embedding

from indexlm.page import IndexLMError

__all__ = ["ExportClassifier", "ExportDecoder"]

_FAR = 1e4


class _Layer(torch.nn.Module):
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
        """The residual stream and what its queries attended to -> the layer's output."""
        batch, _, tokens, _ = attended.shape
        x = x + attended.transpose(1, 2).reshape(batch, tokens, self.heads * self.size) @ self.o
        gate, up = (rms_norm(x, x.shape[-1:], self.between, self.eps) @ self.gate_up).chunk(2, dim=-1)
        return x + (silu(gate) * up) @ self.down

    def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        """Queries (batch, heads, places, size) over keys and values (batch, kv heads, tokens, size)."""
        batch, _, places, _ = q.shape
        # The queries that share a key's head are rows of one product: keys and values are never repeated.
        scores = q.reshape(batch, self.kv_heads, -1, self.size) @ k.transpose(2, 3)
        scores = scores.view(batch, self.heads, places, -1) + mask
        weights = scores.softmax(dim=-1).view(batch, self.kv_heads, -1, k.shape[2])
        return (weights @ v).view(batch, self.heads, places, self.size)

    def queries(self, projected: Tensor, turn: Any) -> Tensor:
        q = rms_norm(self.split(projected, self.heads), (self.size,), self.q_norm * self.size**-0.5, self.eps)
        return rotary_embedding(q, *turn)

    def keys(self, projected: Tensor, turn: Any) -> Tensor:
        k = rms_norm(self.split(projected, self.kv_heads), (self.size,), self.k_norm, self.eps)
        return rotary_embedding(k, *turn)

    def project(self, x: Tensor, turn: Any) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values (batch, heads, tokens, size) of all tokens; not of a layer that reads places."""
        projected: Any = rms_norm(x, x.shape[-1:], self.before, self.eps) @ self.qkv
        widths = [self.heads * self.size, self.kv_heads * self.size, self.kv_heads * self.size]
        q, k, v = projected.split(widths, dim=-1)
        return self.queries(q, turn), self.keys(k, turn), self.split(v, self.kv_heads)

    def forward(self, x: Tensor, turn: Any, mask: Tensor | None) -> Tensor:
        """The layer's output with what a mask leaves to see, or without one with what stands before."""
        q, k, v = self.project(x, turn)
        if mask is not None:
            return self.finish(x, self.attend(q, k, v, mask))
        whole = torch.full((x.shape[0],), 1) * x.shape[1]
        return self.finish(x, self.attend_causally(q, k, v, None, whole)[0])

    def attend_causally(
        self, q: Tensor, k: Tensor, v: Tensor, cache: tuple[Tensor, Tensor] | None, total: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What the queries attend to of the tokens up to their own, and the cache with the new keys and values.

        `total` (batch,) counts the tokens, those of the cache too; the cache (batch, kv heads, capacity, size) has
        room for them. Without a cache the keys and values are returned as they are.
        """
        batch, _, tokens, _ = q.shape
        flat = [part.transpose(1, 2).reshape(batch, tokens, -1) for part in (q, k, v)]
        keys, values = cache if cache is not None else (None, None)
        shape = k.shape if keys is None else keys.shape
        attended, keys, values = torch.onnx.ops.symbolic_multi_out(
            "com.microsoft::GroupQueryAttention",
            [*flat, keys, values, (total - 1).to(torch.int32), total.max().to(torch.int32)],
            # A query is scaled by its norm's weights.
            {"num_heads": self.heads, "kv_num_heads": self.kv_heads, "scale": 1.0},
            dtypes=[torch.float32] * 3,
            shapes=[flat[0].shape, shape, shape],
            version=1,
        )
        return self.split(attended, self.heads), keys, values

    def read(self, x: Tensor, places: Tensor, turn: Any, there: Any, mask: Tensor) -> Tensor:
        """The output of a last layer at `places` (batch, places) alone, whose rotation is `there`."""
        rows = torch.arange(x.shape[0])[:, None]
        normed = rms_norm(x, x.shape[-1:], self.before, self.eps)
        k, v = (normed @ self.kv).chunk(2, dim=-1)
        k, v = self.keys(k, turn), self.split(v, self.kv_heads)
        q = self.queries(normed[rows, places] @ self.q, there)
        return self.finish(x[rows, places], self.attend(q, k, v, mask))


class _Backbone(torch.nn.Module):
    def __init__(self, model: Any, small_embedding: bool, reads_places: bool) -> None:
        super().__init__()
        config = model.config
        odd = {
            "model_type": (config.model_type, "qwen3"),
            "attention_bias": (config.attention_bias, False),
            "rope_type": (config.rope_parameters["rope_type"], "default"),
            "hidden_act": (config.hidden_act, "silu"),
            "layer_types": (sorted(set(config.layer_types)), ["full_attention"]),
        }
        for name, (found, known) in odd.items():
            if found != known:
                raise IndexLMError(f"export knows Qwen3 with {name} {known!r}; found {found!r}")
        self.embedding, self.scales = model.model.embed_tokens.weight, None
        if small_embedding:
            self.embedding, self.scales = (torch.nn.Parameter(x, requires_grad=False) for x in _to_int8(self.embedding))
        layers = model.model.layers
        self.layers: Any = torch.nn.ModuleList()
        for i in range(len(layers)):
            lean = _Layer(layers[i], config, reads_places and i == len(layers) - 1)
            layers[i] = torch.nn.Identity()
            self.layers.append(lean)
        self.last: Any = self.layers.pop(-1)
        self.norm, self.eps = model.model.norm.weight, config.rms_norm_eps
        steps = config.rope_parameters["rope_theta"] ** -(torch.arange(0, config.head_dim, 2) / config.head_dim)
        self.steps = torch.nn.Parameter(steps, requires_grad=False)

    def embed(self, ids: Tensor) -> Tensor:
        """Ids (batch, tokens) -> their embeddings."""
        rows = embedding(ids, self.embedding)
        return rows if self.scales is None else rows.float() * embedding(ids, self.scales)

    def turn(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Positions (batch, tokens) -> the cosines and sines (batch, tokens, size / 2) of their rotation."""
        angles = positions[:, :, None].float() * self.steps
        return angles.cos(), angles.sin()


def _to_int8(weight: Tensor) -> tuple[Tensor, Tensor]:
    """A matrix -> the same in 8 bits, and what each of its rows (n, 1) is to be multiplied with."""
    scales = weight.abs().amax(dim=1, keepdim=True).clamp(min=torch.finfo(torch.float32).tiny) / 127
    return (weight / scales).round().to(torch.int8), scales


class ExportClassifier(_Backbone):
    """A `Qwen3ForTokenClassification` with bidirectional or causal attention -> logits where blocks are read.

    `forward(input_ids (batch, tokens), attention_mask (batch, tokens), places (batch, places))` gives
    (batch, places, labels).
    """

    def __init__(self, model: Any, small_embedding: bool = False) -> None:
        super().__init__(model, small_embedding, reads_places=True)
        self.causal = getattr(model.config, "is_causal", True)
        self.score, self.bias = torch.nn.Parameter(model.score.weight.T.clone()), model.score.bias

    def forward(self, input_ids: Tensor, attention_mask: Tensor, places: Tensor) -> Tensor:
        positions = torch.arange(input_ids.shape[1])[None]
        # A rotation has a row for each of the batch; the exporter must see that there are as many as ids.
        turn, there = (
            [part.expand(input_ids.shape[0], -1, -1) for part in self.turn(at)] for at in (positions, places)
        )
        mask = (attention_mask[:, None, None, :].float() - 1) * _FAR
        x = self.embed(input_ids)
        for layer in self.layers:
            x = layer(x, turn, None if self.causal else mask)  # padding comes last: by causal attention nothing sees it
        x = self.last.read(x, places, turn, there, mask + _later(places, positions) if self.causal else mask)
        logits: Tensor = rms_norm(x, x.shape[-1:], self.norm, self.eps) @ self.score + self.bias
        return logits


class ExportDecoder(_Backbone):
    """A `Qwen3ForCausalLM` -> logits of the tokens that answers are made of, after the last token given.

    `forward(input_ids (rows, tokens), past (rows,), a layer's keys, its values, the next layer's keys, …)`, where
    `past` counts the tokens that the caches (rows, kv heads, capacity, size) hold, gives logits (rows, answers) and
    the caches. Rows of different `past` are given one token each.
    """

    def __init__(self, model: Any, answers: list[int], small_embedding: bool = False) -> None:
        super().__init__(model, small_embedding, reads_places=False)
        self.head = torch.nn.Parameter(model.lm_head.weight[answers].T.clone())

    def forward(self, input_ids: Tensor, past: Tensor, *caches: Tensor) -> tuple[Tensor, ...]:
        turn = self.turn(past[:, None] + torch.arange(input_ids.shape[1])[None])
        total = past + input_ids.shape[1]
        x = self.embed(input_ids)
        written = []
        for i, layer in enumerate([*self.layers, self.last]):
            attended, *cache = layer.attend_causally(*layer.project(x, turn), caches[2 * i : 2 * i + 2], total)
            if layer is self.last:
                x, attended = x[:, -1:], attended[:, :, -1:]
            x = layer.finish(x, attended)
            written += cache
        logits = rms_norm(x[:, -1], x.shape[-1:], self.norm, self.eps) @ self.head
        return logits, *written


def _later(at: Tensor, positions: Tensor) -> Tensor:
    """Positions of queries and of keys -> what keeps the former from looking at what comes after them."""
    return (at[:, None, :, None] < positions[:, None, None, :]).float() * -_FAR
