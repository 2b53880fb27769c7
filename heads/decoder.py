"""The decoder head: prefill a window, then write its intervals greedily under the grammar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from heads.encoding import Window, encode
from heads.grammar import Grammar, State
from heads.settings import Settings
from indexlm.intervals import to_indices
from indexlm.page import Page, Prediction
from indexlm.prompt import Prior
from indexlm.windows import merge_indices

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    CausalLM = Callable[[Sequence[int], Any], tuple[NDArray[np.float32], Any]]

__all__ = ["DecoderHead"]


class DecoderHead:
    """`(pages) -> predictions`, each a generated list of intervals that is valid by construction.

    `model` is a causal language model: (new token ids, cache or None) -> logits (vocabulary,) after the last
    of them, and the cache that holds them too.
    """

    def __init__(self, model: CausalLM, tokenizer: Tokenizer, settings: Settings, prior: Prior | None = None) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.settings = settings
        self.prior = prior
        self.grammar = Grammar(tokenizer)

    def __call__(self, pages: Sequence[Page]) -> list[Prediction]:
        """Pages -> predictions; a block is kept if any window that holds it keeps it."""
        return [self._predict(page) for page in pages]

    def _predict(self, page: Page) -> Prediction:
        began = perf_counter()
        windows = encode(page, self.tokenizer, self.settings, self.prior)
        seconds = {"encode": perf_counter() - began, "prefill": 0.0, "decode": 0.0}
        tokens = {"read": sum(len(window.ids) for window in windows), "windows": len(windows), "generated": 0}
        answers = [((window.start, window.stop), self._answer(window, seconds, tokens)) for window in windows]
        return Prediction(indices=merge_indices(answers), seconds=seconds, tokens=tokens)

    def _answer(self, window: Window, seconds: dict[str, float], tokens: dict[str, int]) -> tuple[int, ...]:
        """The indices that one window keeps, numbered from 1 there."""
        began = perf_counter()
        logits, cache = self.model(window.ids, None)
        prefilled = perf_counter()
        seconds["prefill"] += prefilled - began
        state = State(window.stop - window.start)
        pending: list[int] = []  # chosen, but not yet read by the model
        while state.expect != "done":
            allowed = self.grammar.allowed(state)
            if len(allowed) > 1 and pending:
                logits, cache = self.model(pending, cache)
                pending = []
            token = allowed[int(logits[allowed].argmax())] if len(allowed) > 1 else allowed[0]
            state = self.grammar.advance(state, token)
            pending.append(token)
            tokens["generated"] += 1
        seconds["decode"] += perf_counter() - prefilled
        return to_indices(state.kept)
