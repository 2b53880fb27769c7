"""The decoder head: prefill a window, then write its intervals greedily, as a rule under the grammar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from itertools import pairwise
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

from heads.cascade import CascadePlan, Settled, limit_warnings, plan, settle, windows_to_read, within_limits
from heads.dial import BETA_POWER, keep_bias, limit_at
from heads.encoding import Window, encode
from heads.generation import Answer, Leaning, write_by_grammar, write_freely
from heads.grammar import Grammar
from heads.queries.answers import SURE
from heads.selection import choose, expected_f1
from heads.settings import Settings, Task, task_of
from indexlm.intervals import Parsed, to_indices
from indexlm.limits import LIMITS, Limits
from indexlm.page import Decider, IndexLMError, Page, Prediction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from heads.generation import Writer
    from heads.queries.answer_trees import AnswerScorer
    from heads.trees import TreeScorer

Elsewhere = Callable[[Sequence[Window], Leaning], list[Answer]]

_COUNTS = ("read", "windows", "generated", "repaired", "unreadable")
_MIN_SHARED = 16  # tokens; fewer are read again faster than a call is made
_BATCH_TOKENS = 2048  # tokens of windows that are answered side by side: caches of about 0.6 GB for Qwen3-0.6B
_MOST_CACHED = 8192  # tokens in caches that may serve another window: about 2 GB for Qwen3-0.6B


class CausalLM(Protocol):
    """A causal language model. A cache stands for the tokens that were read, and is continued in place."""

    def __call__(self, ids: Sequence[int], cache: Any) -> tuple[NDArray[np.float32], Any]:
        """New token ids and a cache, or None -> logits (vocabulary,) after the last of them, and the longer cache."""
        ...

    def read(self, sequences: Sequence[Sequence[int]], caches: Sequence[Any]) -> list[tuple[NDArray[np.float32], Any]]:
        """Several sequences of ids, each behind a cache that stays as it is, or None -> of each what a call returns."""
        ...

    def together(self, tokens: Sequence[int], caches: Sequence[Any]) -> list[tuple[NDArray[np.float32], Any]]:
        """Caches, each continued by one token -> of each what a call returns."""
        ...


class DecoderHead:
    """`(pages) -> predictions`, each by generated intervals.

    Where `constrained`, only tokens that the grammar allows may come next, so that every answer is valid. Otherwise any
    token may that the model has a logit for (in an exported model those of answers alone), and `beta` moves none. A
    page with an unreadable answer keeps nothing and says so in its `error`.

    Windows of a page are answered side by side. Pages never are: in 8 bits activations are rounded together, and the
    answer on one page would depend on the others. A prediction's `tokens` also count the answers that were `repaired`
    to be read, and those that were `unreadable`.

    elsewhere: answers windows in place of the model, which is None then, as `heads.runtimes.shared` does.
    answer_trees: where `constrained`, look a second time at a page with a query: at how probable each block is by the
        choices that write the intervals, also of windows of which these say `NA`. What they make most of is kept then,
        and the prediction has `scores`.
    """

    def __init__(
        self,
        model: CausalLM | None,
        tokenizer: Tokenizer,
        settings: Settings,
        trees: TreeScorer | None = None,
        constrained: bool = True,
        batch_tokens: int = _BATCH_TOKENS,
        elsewhere: Elsewhere | None = None,
        answer_trees: AnswerScorer | None = None,
    ) -> None:
        self._model = model
        self.elsewhere = elsewhere
        self.batch_tokens = batch_tokens
        self.tokenizer = tokenizer
        self.settings = settings
        self.trees = trees
        self.constrained = constrained
        self.grammar = Grammar(tokenizer)
        self.answer_trees = answer_trees
        if answer_trees is not None and constrained:
            self.check_line_scores()
        self._prefixes: dict[tuple[int, ...], Any] = {}  # caches by the tokens that they hold
        self._turn = Lock()

    @property
    def model(self) -> CausalLM:
        """The model of this process."""
        assert self._model is not None, "the model is elsewhere"
        return self._model

    def with_settings(self, settings: Settings) -> DecoderHead:
        """The same model under other settings."""
        head = copy(self)
        head.settings = settings
        return head

    def with_model(self, model: CausalLM) -> DecoderHead:
        """The same head over another model with the same tokenizer."""
        parts = (self.tokenizer, self.settings, self.trees, self.constrained, self.batch_tokens)
        return DecoderHead(model, *parts, answer_trees=self.answer_trees)

    def check_line_scores(self) -> None:
        """Raise `IndexLMError` where the decoder writes numbers of lines digit by digit: then lines have no scores."""
        if self.grammar.whole_numbers < self.settings.window_tokens:
            raise IndexLMError(
                f"answer trees of a decoder need a token for each number up to the tokens of a window, "
                f"{self.settings.window_tokens}; its tokenizer has them up to {self.grammar.whole_numbers}"
            )

    def forget(self) -> None:
        """Drop what was read of pages before: the next one is read as if it were the first."""
        self._prefixes.clear()

    def __call__(
        self, pages: Sequence[Page], threshold: float | None = None, limits: Limits = LIMITS
    ) -> list[Prediction]:
        """Pages -> predictions; a block is kept if any window that holds it keeps it.

        What `settle` makes of these is kept; for a query, if the checkpoint is calibrated for queries. Raises
        `IndexLMError` for a threshold.
        """
        if threshold is not None:
            raise IndexLMError("a threshold applies to the classifier's probabilities; the decoder writes intervals")
        return [self._predict(page, limits) for page in pages]

    def _predict(self, page: Page, limits: Limits) -> Prediction:
        began = perf_counter()
        cascade = plan(page, self.trees, self.settings.skip_model_min_f1, self.settings.beta)
        tokens = dict.fromkeys(_COUNTS, 0)
        if cascade.skips_model and cascade.kept is not None:
            seconds = {"encode": perf_counter() - began, "prefill": 0.0, "decode": 0.0}
            expected = cascade.expected_f1
            return Prediction(
                cascade.kept,
                decided_by="trees",
                expected_f1=expected,
                seconds=seconds,
                tokens=tokens,
                reasons=cascade.reasons or {},
            )
        windows = encode(page, self.tokenizer, self.settings, cascade.tree_scores, cascade.layout)
        read = windows_to_read(windows, cascade, self.settings.skip_window_max_f1_loss)
        asked = [window for window in read if None in window.fixed]  # the model is not asked for fixed lines
        open_windows = within_limits(page, asked, cascade, limits)
        seconds = {"encode": perf_counter() - began, "prefill": 0.0, "decode": 0.0}
        tokens |= {"read": sum(len(window.ids) for window in open_windows), "windows": len(open_windows)}
        task = task_of(page.query)
        looks_twice = self.answer_trees is not None and self.constrained and task in self.settings.calibration
        looks_twice = looks_twice and bool(page.query and page.blocks) and len(open_windows) == len(asked)
        leaning = Leaning(0.0, 0.0, scores_lines=True) if looks_twice else _leaning(self.settings, task)
        results = self._answers(page, open_windows, leaning, limits, seconds, tokens)
        answers = [result.parsed for result in results]
        notes = limit_warnings(len(asked), len(answers), limits)
        unread = [*(window for window in asked if window not in open_windows), *open_windows[len(answers) :]]
        open_windows = open_windows[: len(answers)]
        tokens["windows"] = len(answers)
        by_trees = _kept_by_trees(
            windows, [window for window in read if window not in unread] if notes else read, cascade
        )
        tokens["repaired"] = sum(bool(answer.repairs) for answer in answers)
        tokens["unreadable"] = sum(bool(answer.error) for answer in answers)
        error = next((answer.error for answer in answers if answer.error), "")
        by_model = (_kept_blocks(window, answer) for window, answer in zip(open_windows, answers, strict=True))
        kept = () if error else tuple(sorted(by_trees.union(*by_model)))
        probability = max((result.probability for result in results), default=0.0)
        scores: list[float] | None = None
        if looks_twice and not notes and not error:
            kept, scores = self._second_look(page, open_windows, results)
            probability = max(scores)
        settled = Settled(kept)
        if not error and (not page.query or task in self.settings.calibration):
            is_sure = probability >= limit_at(self.settings.beta, SURE)
            settled = settle(page, cascade, kept, self.settings.skip_model_min_f1 is not None, is_sure=is_sure)
        return Prediction(
            settled.indices,
            None if scores is None else tuple(scores),
            error=error,
            decided_by="trees" if settled.by_trees else _decider(windows, open_windows),
            expected_f1=_expected_f1(cascade, settled.indices, scores),
            warnings=(*settled.warnings, *notes),
            seconds=seconds,
            tokens=tokens,
            reasons=settled.reasons or {},
        )

    def _second_look(
        self, page: Page, windows: Sequence[Window], answers: Sequence[Answer]
    ) -> tuple[tuple[int, ...], list[float]]:
        """A page with a query, its windows and their answers -> what is kept, and the probability of each block."""
        assert self.answer_trees is not None
        scores = self.answer_trees(page, block_scores(windows, answers, len(page.blocks)))
        least = self.settings.calibration["qe"]["min_best_score"]
        beta = self.settings.beta
        return choose(scores, [1] * len(scores), limit_at(beta, least), beta), scores

    def _answers(
        self,
        page: Page,
        windows: Sequence[Window],
        leaning: Leaning,
        limits: Limits,
        seconds: dict[str, float],
        tokens: dict[str, int],
    ) -> list[Answer]:
        """The answers of a page's windows, of as many as there is time for."""
        answers: list[Answer] = []
        with self._turn:  # caches are written in place: one page at a time
            for group in _groups(windows, self.batch_tokens):
                if not limits.is_late:
                    answers += self._answer(group, leaning, seconds, tokens)
            if len(windows) > 1 and not (page.query and self.settings.query_last):  # no other page begins like this one
                self._prefixes.pop(tuple(windows[0].ids[: windows[0].shared]), None)
        return answers

    def _answer(
        self, windows: Sequence[Window], leaning: Leaning, seconds: dict[str, float], tokens: dict[str, int]
    ) -> list[Answer]:
        """The answers of windows that are answered side by side."""
        began = perf_counter()
        if self.elsewhere is not None:
            answers = self.elsewhere(windows, leaning)
            seconds["decode"] += perf_counter() - began
            tokens["generated"] += sum(answer.generated for answer in answers)
            return answers
        begun = [self._begun(window) for window in windows]
        read = [0 if cache is None else window.shared for window, cache in zip(windows, begun, strict=True)]
        rests = [window.ids[start:] for window, start in zip(windows, read, strict=True)]
        prefilled = self.model.read(rests, begun)
        decoding = perf_counter()
        lines = [len(window.markers) for window in windows]
        writers = [self.writer(logits, n, leaning) for n, (logits, _) in zip(lines, prefilled, strict=True)]
        answers = self._write(writers, [cache for _, cache in prefilled])
        seconds["prefill"] += decoding - began
        seconds["decode"] += perf_counter() - decoding
        tokens["generated"] += sum(answer.generated for answer in answers)
        return answers

    def _write(self, writers: Sequence[Writer], caches: list[Any]) -> list[Answer]:
        """Run writers to their ends -> their answers.

        A writer yields the tokens that the model reads next, and is sent the logits after them. As long as there are
        several writers, a call of the model reads a token for each; the tokens of the last one are read all at once.
        """
        answers = [Answer(Parsed(()), 0)] * len(writers)
        waiting: dict[int, Sequence[int]] = {}  # the tokens that are still to be read for a writer

        def go_on(i: int, logits: NDArray[np.float32] | None) -> None:
            try:
                waiting[i] = next(writers[i]) if logits is None else writers[i].send(logits)
            except StopIteration as end:
                answers[i] = end.value
                waiting.pop(i, None)

        for i in range(len(writers)):
            go_on(i, None)
        while waiting:
            rows = list(waiting)
            if len(rows) == 1:
                count = len(waiting[rows[0]])
                results = [self.model(waiting[rows[0]], caches[rows[0]])]
            else:
                count = 1
                results = self.model.together([waiting[i][0] for i in rows], [caches[i] for i in rows])
            for i, (logits, cache) in zip(rows, results, strict=True):
                caches[i], waiting[i] = cache, waiting[i][count:]
                if not waiting[i]:
                    go_on(i, logits)
        return answers

    def _begun(self, window: Window) -> Any:
        """The cache of what a window shares with others, which is read only once; None where that is too little."""
        if window.shared < _MIN_SHARED:
            return None
        prefix = tuple(window.ids[: window.shared])
        if prefix not in self._prefixes:
            while self._prefixes and sum(map(len, self._prefixes)) + len(prefix) > _MOST_CACHED:
                del self._prefixes[next(iter(self._prefixes))]
            self._prefixes[prefix] = self.model(prefix, None)[1]
        return self._prefixes[prefix]

    def writer(self, logits: NDArray[np.float32], lines: int, leaning: Leaning) -> Writer:
        """What writes the answer about a window of so many lines, from the logits after it."""
        if self.constrained:
            return write_by_grammar(self.grammar, logits, lines, leaning)
        return write_freely(self.tokenizer, logits, lines)


def _leaning(settings: Settings, task: Task) -> Leaning:
    numbers = settings.calibration.get(task, {})
    bias = keep_bias(settings.beta, numbers.get("beta_power", BETA_POWER))
    return Leaning(numbers.get("end_penalty", 0.0), bias)


def _kept_by_trees(windows: Sequence[Window], read: Sequence[Window], cascade: CascadePlan) -> set[int]:
    """The blocks that the trees keep: on fixed lines, and in no window that is read."""
    fixed = {
        i
        for window in windows
        for keeps, (start, stop) in zip(window.fixed, pairwise(window.bounds), strict=True)
        for i in range(start + 1, stop + 1)
        if keeps
    }
    chosen = set(cascade.kept or ())
    return fixed | chosen.difference(*(range(window.bounds[0] + 1, window.bounds[-1] + 1) for window in read))


def _decider(windows: Sequence[Window], open_windows: Sequence[Window]) -> Decider:
    """Windows of a page, and those that the model answers -> who decided the page."""
    if windows and not open_windows:
        return "trees"
    is_whole = len(open_windows) == len(windows) and all(fixed is None for window in windows for fixed in window.fixed)
    return "model" if is_whole else "mixed"


def _kept_blocks(window: Window, answer: Parsed) -> Iterator[int]:
    """A window and its answer -> the blocks (1-based) on the lines that it keeps, where these are open."""
    for line in to_indices(answer.intervals):
        if window.fixed[line - 1] is None:
            yield from range(window.bounds[line - 1] + 1, window.bounds[line] + 1)


def block_scores(windows: Sequence[Window], answers: Sequence[Answer], count: int) -> list[float]:
    """Windows and answers with `scores` -> of each of the page's blocks the highest score of its lines; 0 for none."""
    scores = [0.0] * count
    for window, answer in zip(windows, answers, strict=True):
        lines = zip(answer.scores, window.fixed, pairwise(window.bounds), strict=True)
        for score, fixed, (start, stop) in lines:
            if fixed is None:
                scores[start:stop] = [max(score, before) for before in scores[start:stop]]
    return scores


def _expected_f1(cascade: CascadePlan, kept: Sequence[int], scores: Sequence[float] | None) -> float | None:
    """The F1 of the kept blocks that is expected by their scores, or by the trees; None without both."""
    if scores is not None:
        return expected_f1(scores, [1] * len(scores), kept, may_be_empty=True)
    if cascade.layout is None or cascade.content_scores is None or cascade.kept is None:
        return None
    return expected_f1(cascade.content_scores, cascade.layout.words, kept)


def _groups(windows: Sequence[Window], most: int) -> list[list[Window]]:
    """Windows, in their order, as groups of at most `most` tokens; a longer window is alone."""
    groups: list[list[Window]] = []
    room = 0
    for window in windows:
        room -= len(window.ids)
        if room < 0 or not groups:
            groups.append([])
            room = most - len(window.ids)
        groups[-1].append(window)
    return groups
