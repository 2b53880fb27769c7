"""The models that a training begins with: a published Qwen3, a checkpoint, or the shipped size from scratch."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexlm.models import check_weights
from indexlm.page import IndexLMError
from indexlm.prompt import CHAT_END
from train.attention import attention
from train.errors import explained
from train.export.from_onnx import restore
from train.recipe import SMALL, Recipe

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast, Qwen3Config

SIZE: dict[str, Any] = {
    "hidden_size": 192,
    "intermediate_size": 512,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "max_position_embeddings": 4096,
    "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
    "tie_word_embeddings": True,
}
"""The shipped size: 1.1M parameters without the embedding."""

_QWEN3_0_6B: dict[str, Any] = {
    "vocab_size": 151936,
    "hidden_size": 1024,
    "intermediate_size": 3072,
    "num_hidden_layers": 28,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "max_position_embeddings": 40960,
    "rope_parameters": {"rope_type": "default", "rope_theta": 1e6},
    "tie_word_embeddings": True,
}
PUBLISHED: dict[str, dict[str, Any]] = {
    "qwen3-0.6b": _QWEN3_0_6B,
    "qwen3-1.7b": _QWEN3_0_6B | {"hidden_size": 2048, "intermediate_size": 6144},
}
"""Published configurations by name (the config.json of Qwen3-0.6B and Qwen3-1.7B)."""


def small_config(tokenizer: PreTrainedTokenizerFast, more_layers: int = 0, width: int = 0, **more: Any) -> Qwen3Config:
    """The configuration of the shipped size for a tokenizer, with `more_layers`, and `more` set on top.

    A `width` other than 0 is its hidden size, with an MLP in proportion and the same attention heads.
    """
    from transformers import Qwen3Config

    size = SIZE | {"num_hidden_layers": SIZE["num_hidden_layers"] + more_layers}
    if width:
        inner = SIZE["intermediate_size"] * width // SIZE["hidden_size"] // 64 * 64
        size |= {"hidden_size": width, "intermediate_size": inner}
    return Qwen3Config(
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        **(size | more),
    )


def load_tokenizer(recipe: Recipe) -> PreTrainedTokenizerFast:
    """The tokenizer of the recipe's model; for the small one, that of `train prepare` in the folder of the windows."""
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    is_small = recipe.model == SMALL
    path = (Path(recipe.data).parent if is_small else Path(recipe.model)) / "tokenizer.json"
    if is_small and not path.exists():
        raise IndexLMError(
            f"the small model is trained on what `train prepare` wrote; {path.parent} has no {path.name}"
        )
    # Without a configuration, transformers makes a Qwen2 tokenizer of any such file, which cuts text at other places.
    if is_small or (path.is_file() and not path.with_name("tokenizer_config.json").is_file()):
        return PreTrainedTokenizerFast(tokenizer_file=str(path), eos_token=CHAT_END, pad_token="<|endoftext|>")
    with _loading(recipe.model):
        tokenizer = AutoTokenizer.from_pretrained(recipe.model)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    if tokenizer.pad_token_id is None:
        raise IndexLMError(f"a tokenizer has a token for padding or for an end; that of {recipe.model} has neither")
    return tokenizer


def load_model(recipe: Recipe, auto: Any, random: bool = False, **changes: Any) -> Any:
    """The recipe's model under a transformers auto class, in fp32, with `changes` made to its configuration.

    A `random` model needs the configuration alone, and is created on the training's device. A folder with an export and
    no weights, such as a shipped model's, is read from its ONNX file. A head that the checkpoint lacks has random
    weights. Raises `IndexLMError` where the model cannot be loaded, or is no Qwen3.
    """
    import torch
    from transformers import AutoConfig

    with _loading(recipe.model):
        config = AutoConfig.from_pretrained(recipe.model)
        if config.model_type != "qwen3":
            raise IndexLMError(f"a backbone is a Qwen3; {recipe.model} is a {config.model_type}")
        for name, value in changes.items():
            setattr(config, name, value)
        if random:
            with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
                return auto.from_config(config, dtype=torch.float32, attn_implementation=attention(recipe))
        check_weights(Path(recipe.model))
        with _checkpoint(recipe.model, config) as checkpoint:
            return auto.from_pretrained(
                checkpoint, config=config, dtype=torch.float32, attn_implementation=attention(recipe)
            )


@contextlib.contextmanager
def _checkpoint(name: str, config: Any) -> Iterator[str]:
    """A model's folder or Hub id -> the same; of a folder with an export and no weights, a checkpoint made from it."""
    from safetensors.torch import save_file

    folder = Path(name)
    if not (folder / "model.onnx").is_file() or any(folder.glob("*.safetensors*")):
        yield name
        return
    with tempfile.TemporaryDirectory() as scratch:
        config.save_pretrained(scratch)
        save_file(restore(folder / "model.onnx", config), f"{scratch}/model.safetensors", {"format": "pt"})
        yield scratch


def _loading(name: str) -> AbstractContextManager[None]:
    """Turn what transformers raises for a model that it cannot load into an `IndexLMError`."""
    rule = f"a model is `{SMALL}`, a checkpoint folder or a Hub id; {name!r} cannot be loaded"
    return explained(rule, (OSError, ValueError))
