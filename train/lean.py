"""Qwen3 written for export: the same numbers with fewer and larger operations than transformers' modules trace to.

Queries, keys and values come from one product, gate and up from another; the last layer is computed only where
something is read, and the vocabulary layer only for the tokens that an answer can hold. RMS norms and rotations are
ONNX's own operators (opset 23).

A model is taken apart: its layers are gone afterwards, so that no weight is held twice.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import embedding, rms_norm, silu
from torch.onnx.ops import rotary_embedding

from indexlm.page import IndexLMError

__all__ = ["LeanClassifier", "LeanDecoder"]

_FAR = 1e4


class _Layer(torch.nn.Module):
    def __init__(self, layer: Any, config: Any, last: bool) -> None:
        super().__init__()
        attention, mlp = layer.self_attn, layer.mlp
        self.heads, self.kv_heads = config.num_attention_heads, config.num_key_value_heads
        self.size, self.eps = config.head_dim, config.rms_norm_eps
        self.before, self.between = layer.input_layernorm.weight, layer.post_attention_layernorm.weight
        self.q_norm, self.k_norm = attention.q_norm.weight, attention.k_norm.weight
        q, k, v = (linear.weight for linear in (attention.q_proj, attention.k_proj, attention.v_proj))
        if last:
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

    def forward(self, x: Tensor, turn: Any, mask: Tensor, past: tuple[Tensor, Tensor] | None = None) -> Any:
        """The layer's output, keys and values; `past` holds those of earlier tokens."""
        projected: Any = rms_norm(x, x.shape[-1:], self.before, self.eps) @ self.qkv
        widths = [self.heads * self.size, self.kv_heads * self.size, self.kv_heads * self.size]
        q, k, v = projected.split(widths, dim=-1)
        k, v = self.keys(k, turn), self.split(v, self.kv_heads)
        if past is not None:
            k, v = torch.cat((past[0], k), dim=2), torch.cat((past[1], v), dim=2)
        return self.finish(x, self.attend(self.queries(q, turn), k, v, mask)), k, v

    def read(
        self, x: Tensor, places: Tensor, turn: Any, there: Any, mask: Tensor, past: tuple[Tensor, Tensor] | None = None
    ) -> Any:
        """The layer's output at `places` (batch, places) alone, whose rotation is `there`; and its keys and values."""
        rows = torch.arange(x.shape[0])[:, None]
        normed = rms_norm(x, x.shape[-1:], self.before, self.eps)
        k, v = (normed @ self.kv).chunk(2, dim=-1)
        k, v = self.keys(k, turn), self.split(v, self.kv_heads)
        if past is not None:
            k, v = torch.cat((past[0], k), dim=2), torch.cat((past[1], v), dim=2)
        q = self.queries(normed[rows, places] @ self.q, there)
        return self.finish(x[rows, places], self.attend(q, k, v, mask)), k, v


class _Backbone(torch.nn.Module):
    def __init__(self, model: Any, small_embedding: bool) -> None:
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
            lean = _Layer(layers[i], config, last=i == len(layers) - 1)
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


class LeanClassifier(_Backbone):
    """A `Qwen3ForTokenClassification` with bidirectional or causal attention -> logits where blocks are read.

    `forward(input_ids (batch, tokens), attention_mask (batch, tokens), places (batch, places))` gives
    (batch, places, labels).
    """

    def __init__(self, model: Any, small_embedding: bool = False) -> None:
        super().__init__(model, small_embedding)
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
            x, _, _ = layer(x, turn, self._mask(mask, positions, positions))
        x, _, _ = self.last.read(x, places, turn, there, self._mask(mask, places, positions))
        logits: Tensor = rms_norm(x, x.shape[-1:], self.norm, self.eps) @ self.score + self.bias
        return logits

    def _mask(self, padding: Tensor, at: Tensor, positions: Tensor) -> Tensor:
        """What is added to the scores of queries at these places: far below 0 for padding, and for what comes later."""
        return padding + _later(at, positions) if self.causal else padding


class LeanDecoder(_Backbone):
    """A `Qwen3ForCausalLM` -> logits of the tokens that answers are made of, after the last token given.

    `forward(input_ids (1, tokens), keys and values (layers, 1, kv heads, past, size))` gives logits (1, answers) and
    the longer keys and values.
    """

    def __init__(self, model: Any, answers: list[int], small_embedding: bool = False) -> None:
        super().__init__(model, small_embedding)
        self.head = torch.nn.Parameter(model.lm_head.weight[answers].T.clone())

    def forward(self, input_ids: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        new, past = input_ids.shape[1], keys.shape[3]
        positions = past + torch.arange(new)[None]
        turn, end = self.turn(positions), positions[:, -1:]
        mask = _later(positions, torch.arange(past + new)[None])
        x = self.embed(input_ids)
        all_keys, all_values = [], []
        for i, layer in enumerate(self.layers):
            x, k, v = layer(x, turn, mask, (keys[i], values[i]))
            all_keys.append(k)
            all_values.append(v)
        # Nothing comes after the last token: it may look at all.
        place, none = torch.full((1, 1), -1) + new, torch.zeros(1, 1, 1, 1)
        x, k, v = self.last.read(x, place, turn, self.turn(end), none, (keys[-1], values[-1]))
        logits = rms_norm(x[:, -1], x.shape[-1:], self.norm, self.eps) @ self.head
        return logits, torch.stack([*all_keys, k]), torch.stack([*all_values, v])


def _later(at: Tensor, positions: Tensor) -> Tensor:
    """Positions of queries and of keys -> what keeps the former from looking at what comes after them."""
    return (at[:, None, :, None] < positions[:, None, None, :]).float() * -_FAR
