"""Windows as token ids: the same as the whole text's, in the shipped vocabulary and in Qwen's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from heads import Settings
from heads.encoding import encode
from indexlm import Page
from indexlm.models import shipped
from indexlm.prompt import NO_THINKING, marker, render
from tests.conftest import golden_page
from tests.models import PAGES, tree_scores


def test_windows_hold_every_block_and_its_marker(tiny_tokenizer: Path) -> None:
    """Each window repeats the header, numbers its blocks from 1, and tokenizes as the whole text would."""
    tokenizer = Tokenizer.from_file(str(tiny_tokenizer / "tokenizer.json"))
    settings = Settings("decoder", window_tokens=300, overlap=2)
    for page in PAGES:
        assert_windows(page, tokenizer, settings)
        assert_windows(page, tokenizer, replace(settings, query_last=True))


@pytest.mark.parametrize("profile", ["plain", "structural"])
def test_windows_hold_every_marker_in_qwens_vocabulary(qwen_tokenizer: Any, profile: str) -> None:
    settings = Settings("decoder", profile=profile, window_tokens=600, assistant_prefix=NO_THINKING)  # type: ignore[arg-type]
    for page in PAGES:
        assert_windows(page, qwen_tokenizer, settings)
        assert_windows(page, qwen_tokenizer, replace(settings, query_last=True))


def assert_windows(page: Page, tokenizer: Any, settings: Settings) -> None:
    for scores in (None, tree_scores(page)):
        windows = encode(page, tokenizer, settings, scores)
        units = settings.query_units if page.query else settings.block_units
        prompt = render(page, settings.profile, units, scores, query_last=settings.query_last)
        assert {i for w in windows for i in range(w.bounds[0], w.bounds[-1])} == set(range(len(page.blocks)))
        for window in windows:
            first = prompt.bounds.index(window.bounds[0])
            stop = first + len(window.markers)
            assert prompt.bounds[first : stop + 1] == window.bounds
            text = (
                f"<|im_start|>system\n{prompt.system}<|im_end|>\n<|im_start|>user\n"
                f"{prompt.user(first + 1, stop)}<|im_end|>\n<|im_start|>assistant\n{settings.assistant_prefix}"
            )
            assert window.ids == tokenizer.encode(text, add_special_tokens=False).ids
            assert len(window.ids) <= settings.window_tokens
            for number, (place, last) in enumerate(zip(window.markers, window.lasts, strict=True), 1):
                assert tokenizer.decode(window.ids[: place + 1], skip_special_tokens=False).endswith(f"\n[{number}]")
                shown = tokenizer.decode(window.ids[: last + 1], skip_special_tokens=False).rstrip("\n")
                assert shown.rpartition("\n")[2] == marker(number) + prompt.bodies[first + number - 1].rstrip()


def test_qwens_marker_is_a_token_for_each_digit(qwen_tokenizer: Any) -> None:
    """`[12]` falls into `[`, `1`, `2`, `]`; in the shipped tokenizer it is one token with the newline before it."""
    assert qwen_tokenizer.encode("[12]").tokens == ["[", "1", "2", "]"]
    shipped_tokenizer = Tokenizer.from_file(str(shipped("classifier") / "tokenizer.json"))
    assert len(shipped_tokenizer.encode("\n[12]").ids) == 1


def test_chat_template_is_qwen3s_with_thinking_off(qwen_tokenizer: Any) -> None:
    settings = Settings.from_config({"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"]}, "x")
    window = encode(golden_page("rtl"), qwen_tokenizer, settings)[0]
    text = qwen_tokenizer.decode(window.ids, skip_special_tokens=False)
    assert text.startswith("<|im_start|>system\nKeep the main content")
    assert text.endswith("Main content:<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n")
    assert text.count("<|im_start|>") == 3
