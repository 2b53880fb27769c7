"""The decoder head: prefill a window, then write its intervals greedily, as a rule under the grammar."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from copy import copy
from itertools import pairwise
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any

from heads.decide import look, unsure, with_answers
from heads.encoding import Window, encode
from heads.grammar import Grammar, State
from heads.settings import Settings
from indexlm.intervals import NA, Parsed, format_intervals, parse_intervals, to_indices, to_intervals
from indexlm.page import Page, Prediction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from heads.trees import Prior

    CausalLM = Callable[[Sequence[int], Any], tuple[NDArray[np.float32], Any]]
    Writer = Generator[Sequence[int], NDArray[np.float32], tuple[str, int]]

__all__ = ["DecoderHead", "forced"]

_ENDS = ("<|im_end|>", "<|endoftext|>")
_COUNTED = ("read", "windows", "generated", "repaired", "unreadable")
_LEAST_SHARED = 16  # tokens; fewer are read again faster than a call is made
_MOST_TOGETHER = 2048  # tokens of windows that are answered side by side: caches of about 0.6 GB for Qwen3-0.6B
_MOST_KEPT = 8192  # tokens in caches that may serve another window: at the size of Qwen3-0.6B about 2 GB
_LEAST_LIMIT = 64  # tokens, of an answer about few lines
_WHOLE = re.compile(rf"\s*(?:{NA}|\[.*\]\s*\])\s*", re.DOTALL)


class DecoderHead:
    """`(pages) -> predictions`, each a generated list of intervals, valid by construction where `constrained`.

    `model` is a causal language model: (new token ids, cache or None) -> logits (vocabulary,) after the last of them,
    and the cache that holds them too; the cache given may be continued once more, in that one's stead. Where it has
    methods `empty` ((numbers of tokens) -> caches) and `together` ((a token for each, caches) -> a list of the same),
    answers of a page's windows are written side by side. Pages never are: in 8 bits activations are rounded together,
    and what is kept of one page would hang on the others.

    A prediction's `tokens` also count the windows' answers that had to be `repaired` to be read, and those that were
    `unreadable`.

    A calibrated checkpoint knows how much too readily it ends an answer, or says that nothing is to be kept (its
    settings' `calibration`, by task): of the tokens that the grammar allows, such ones are taken to be less likely.

    Without the grammar any token that the model has a logit for may come next (in an exported model those of answers
    alone); a page with an unreadable answer keeps nothing and says so in its `error`.
    """

    def __init__(
        self,
        model: CausalLM,
        tokenizer: Tokenizer,
        settings: Settings,
        prior: Prior | None = None,
        constrained: bool = True,
    ) -> None:
        self.model: Any = model
        self.tokenizer = tokenizer
        self.settings = settings
        self.prior = prior
        self.constrained = constrained
        self.grammar = Grammar(tokenizer)
        self.kept: dict[tuple[int, ...], Any] = {}  # caches by the tokens that they hold
        self.turn = Lock()

    def __call__(self, pages: Sequence[Page]) -> list[Prediction]:
        """Pages -> predictions; a block is kept if any window that holds it keeps it.

        Where the checkpoint is calibrated for queries, what stands below a kept heading is kept with it
        (`heads.decide.with_answers`).
        """
        return [self._predict(page) for page in pages]

    def _predict(self, page: Page) -> Prediction:
        began = perf_counter()
        outlook = look(page, self.prior, self.settings.enough)
        tokens = dict.fromkeys(_COUNTED, 0)
        if outlook.suffices and outlook.kept is not None:
            seconds = {"encode": perf_counter() - began, "prefill": 0.0, "decode": 0.0}
            return Prediction(outlook.kept, seconds=seconds, tokens=tokens)
        windows = encode(page, self.tokenizer, self.settings, outlook.hints, outlook.figures)
        # What is settled is not asked for: a window of nothing else is not even read.
        sure = {
            i
            for window in windows
            for kept, (start, stop) in zip(window.settled, pairwise(window.bounds), strict=True)
            for i in range(start + 1, stop + 1)
            if kept
        }
        asked = unsure(windows, outlook, self.settings.unread)
        left = set(outlook.kept or ())
        sure |= left.difference(*(range(window.bounds[0] + 1, window.bounds[-1] + 1) for window in asked))
        windows = [window for window in asked if None in window.settled]
        seconds = {"encode": perf_counter() - began, "prefill": 0.0, "decode": 0.0}
        tokens |= {"read": sum(len(window.ids) for window in windows), "windows": len(windows)}
        haste = self.settings.calibration.get("qe" if page.query else "me", (0.0,))[0]
        with self.turn:  # caches are written in place: one page at a time
            groups = _groups(windows, _MOST_TOGETHER if hasattr(self.model, "together") else 0)
            answers = [answer for group in groups for answer in self._answer(group, haste, seconds, tokens)]
        tokens["repaired"] = sum(bool(answer.repairs) for answer in answers)
        tokens["unreadable"] = sum(bool(answer.error) for answer in answers)
        error = next((answer.error for answer in answers if answer.error), "")
        chosen = {
            i
            for window, answer in zip(windows, answers, strict=True)
            for line in to_indices(answer.intervals)
            if window.settled[line - 1] is None
            for i in range(window.bounds[line - 1] + 1, window.bounds[line] + 1)
        }
        kept = () if error else tuple(sorted(sure | chosen))
        if page.query and "qe" in self.settings.calibration:
            kept = with_answers(page, kept)
        return Prediction(kept, error=error, seconds=seconds, tokens=tokens)

    def _answer(
        self, windows: Sequence[Window], haste: float, seconds: dict[str, float], tokens: dict[str, int]
    ) -> list[Parsed]:
        """What each window keeps, as intervals of its lines."""
        began = perf_counter()
        caches: Sequence[Any] = [None] * len(windows)
        if len(windows) > 1:
            caches = self.model.empty([len(window.ids) for window in windows])
        read = [self._read(window, cache) for window, cache in zip(windows, caches, strict=True)]
        prefilled = perf_counter()
        writers = [
            self._by_grammar(logits, len(window.markers), haste)
            if self.constrained
            else self._freely(logits, len(window.markers))
            for window, (logits, _) in zip(windows, read, strict=True)
        ]
        written = self._written(writers, [cache for _, cache in read])
        seconds["prefill"] += prefilled - began
        seconds["decode"] += perf_counter() - prefilled
        tokens["generated"] += sum(count for _, count in written)
        return [parse_intervals(text, len(w.markers)) for w, (text, _) in zip(windows, written, strict=True)]

    def _written(self, writers: Sequence[Writer], caches: list[Any]) -> list[tuple[str, int]]:
        """Run writers to their ends -> what each has written.

        A writer gives the tokens that are to be read next, and is given the logits after them. As long as there are
        several, a call of the model reads a token for each; the last one's tokens are read all at once.
        """
        done = [("", 0)] * len(writers)
        waiting: dict[int, Sequence[int]] = {}  # what is still to be read for a writer

        def go_on(i: int, logits: NDArray[np.float32] | None) -> None:
            try:
                waiting[i] = next(writers[i]) if logits is None else writers[i].send(logits)
            except StopIteration as end:
                done[i] = end.value
                waiting.pop(i, None)

        for i in range(len(writers)):
            go_on(i, None)
        while waiting:
            rows = list(waiting)
            if len(rows) == 1:
                count = len(waiting[rows[0]])
                found = [self.model(waiting[rows[0]], caches[rows[0]])]
            else:
                count = 1
                found = self.model.together([waiting[i][0] for i in rows], [caches[i] for i in rows])
            for i, (logits, cache) in zip(rows, found, strict=True):
                caches[i], waiting[i] = cache, waiting[i][count:]
                if not waiting[i]:
                    go_on(i, logits)
        return done

    def _read(self, window: Window, cache: Any) -> Any:
        """A window -> the logits after it, and its cache; what it shares with earlier ones is read only once.

        Where it shares enough, that is not the `cache` given.
        """
        if window.shared < _LEAST_SHARED:
            return self.model(window.ids, cache)
        known = tuple(window.ids[: window.shared])
        if known not in self.kept:
            while self.kept and sum(map(len, self.kept)) + len(known) > _MOST_KEPT:
                del self.kept[next(iter(self.kept))]
            self.kept[known] = self.model(known, None)[1]
        return self.model(window.ids[window.shared :], self.kept[known])

    def _by_grammar(self, logits: NDArray[np.float32], lines: int, haste: float) -> Writer:
        """Writes an answer, of the tokens that the grammar allows the likeliest each -> it and its number of tokens.

        The logits of tokens with which nothing more can be kept are lowered by `haste` before.
        """
        state = State(lines)
        text, written = "", 0
        pending: list[int] = []  # chosen, but not yet read by the model
        while state.expect != "done":
            allowed = self.grammar.allowed(state)
            if len(allowed) > 1 and pending:
                logits = yield pending
                pending = []
            token = allowed[0]
            if len(allowed) > 1:
                likely = logits[allowed]
                if haste and state.may_end:
                    likely -= [haste * (self.grammar.advance(state, i).expect in ("done", "na")) for i in allowed]
                token = allowed[int(likely.argmax())]
            state = self.grammar.advance(state, token)
            pending.append(token)
            text += self.grammar.text[token]
            written += 1
        return text, written

    def _freely(self, logits: NDArray[np.float32], lines: int) -> Writer:
        """Writes the likeliest token each, to an end that the answer has itself -> it and its number of tokens.

        That is an end token, a text that is whole, or as many tokens as the longest valid answer has characters.
        """
        ends = {self.tokenizer.token_to_id(token) for token in _ENDS}
        most = max(_LEAST_LIMIT, len(format_intervals((i, i) for i in range(1, lines + 1, 2))))
        written: list[int] = []
        text = ""
        while len(written) < most and not _WHOLE.fullmatch(text):
            if written:
                logits = yield written[-1:]
            written.append(int(logits.argmax()))
            if written[-1] in ends:
                break
            text = self.tokenizer.decode(written, skip_special_tokens=False)
        return text, len(written)


def _groups(windows: Sequence[Window], most: int) -> list[list[Window]]:
    """Windows, in their order, as groups of at most `most` tokens; longer ones are alone."""
    groups: list[list[Window]] = []
    room = 0
    for window in windows:
        room -= len(window.ids)
        if room < 0 or not groups:
            groups.append([])
            room = most - len(window.ids)
        groups[-1].append(window)
    return groups


def forced(head: DecoderHead, golds: Iterable[tuple[Page, Sequence[int]]]) -> DecoderHead:
    """A decoder and pages with their gold blocks -> one that writes the gold answers of these pages and knows no other.

    Its model runs all the same, for exactly the tokens of these answers: what a trained one would cost, whatever the
    weights. A line is gold where most of its blocks are.
    """
    answers: dict[tuple[int, ...], list[int]] = {}
    for page, gold in golds:
        known = set(gold)
        outlook = look(page, head.prior, head.settings.enough)
        for window in encode(page, head.tokenizer, head.settings, outlook.hints, outlook.figures):
            held = [[i + 1 in known for i in range(*bounds)] for bounds in pairwise(window.bounds)]
            lines = to_intervals(i for i, blocks in enumerate(held, 1) if 2 * sum(blocks) > len(blocks))
            answers[tuple(window.ids)] = head.tokenizer.encode(format_intervals(lines), add_special_tokens=False).ids
    found = copy(head)
    found.kept = {}
    found.model = _Forced(head.model, answers)
    return found


class _Forced:
    """A causal language model whose likeliest token is the next one of the answer known for what it has read first."""

    def __init__(self, model: CausalLM, answers: Mapping[tuple[int, ...], Sequence[int]]) -> None:
        self.model: Any = model
        self.answers = answers
        if hasattr(model, "together"):
            self.together = self._together
            self.empty = self._empty

    def __call__(self, ids: Sequence[int], cache: Any) -> tuple[NDArray[np.float32], Any]:
        return self._told(ids, cache, *self.model(ids, cache and cache[2]))

    def _empty(self, lengths: Sequence[int]) -> list[Any]:
        return [((), (), cache) for cache in self.model.empty(lengths)]

    def _together(self, tokens: Sequence[int], caches: Sequence[Any]) -> list[tuple[NDArray[np.float32], Any]]:
        found = self.model.together(tokens, [cache[2] for cache in caches])
        return [self._told([token], cache, *new) for token, cache, new in zip(tokens, caches, found, strict=True)]

    def _told(
        self, ids: Sequence[int], cache: Any, logits: NDArray[np.float32], inner: Any
    ) -> tuple[NDArray[np.float32], Any]:
        read, answer, _ = cache or ((), (), None)
        read = (*read, *ids)
        answer = self.answers.get(read, answer[len(ids) :])
        if answer:
            logits[answer[0]] = float("inf")
        return logits, (read, answer, inner)
