"""How a decoder writes its answer about a window: token by token, as a rule under the grammar."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from heads.dial import biased_number
from heads.grammar import Grammar, State
from heads.line_scores import LineScores
from indexlm.intervals import NA, Parsed, format_intervals, parse_intervals
from indexlm.prompt import CHAT_END

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    Writer = Generator[Sequence[int], NDArray[np.float32], "Answer"]

_END_TOKENS = (CHAT_END, "<|endoftext|>")
_MIN_LIMIT = 64  # tokens of an answer about few lines
_NUMBER = re.compile(r"\d+")
_COMPLETE = re.compile(rf"\s*(?:{NA}|\[.*\]\s*\])\s*", re.DOTALL)


class Answer(NamedTuple):
    """A window's answer: the intervals of its lines, and how many tokens were generated for it.

    probability: that there is an answer, that is not `NA`; 1 where it is written without the grammar.
    scores: of each line the probability that the answer holds it, where that is asked for.
    """

    parsed: Parsed
    generated: int
    probability: float = 1.0
    scores: tuple[float, ...] = ()


class Leaning(NamedTuple):
    """What moves a decoder's choices: a penalty (nats) for ending an answer, and a bias for keeping (`heads.dial`).

    scores_lines: whether the answer has `scores`. Then it is also written where `NA` is the likelier one.
    """

    end_penalty: float
    keep_bias: float
    scores_lines: bool = False


def write_by_grammar(grammar: Grammar, logits: NDArray[np.float32], lines: int, leaning: Leaning) -> Writer:
    """Write the likeliest token under the `leaning` of those that the grammar allows, until the answer is done."""
    state = State(lines)
    scores = LineScores(lines)
    generated = 0
    probability = 1.0
    is_na = False
    pending: list[int] = []  # chosen, but not yet read by the model
    while state.expect != "done":
        allowed = grammar.allowed(state)
        if len(allowed) > 1 and pending:
            logits = yield pending
            pending = []
        choices = logits[allowed] if len(allowed) > 1 else np.zeros(1, np.float32)
        place = _likeliest(grammar, state, allowed, choices, leaning) if len(allowed) > 1 else 0
        if state.expect == "open" and len(allowed) > 1:
            begins = np.array([grammar.advance(state, i).expect not in ("na", "done") for i in allowed])
            probability = float(_shares(choices)[begins].sum())
            if leaning.scores_lines and not begins[place]:
                is_na, place = True, int(np.where(begins, choices, -np.inf).argmax())
        elif leaning.scores_lines:
            _score(scores, grammar, state, allowed, _shares(choices), place)
        state = grammar.advance(state, allowed[place])
        pending.append(allowed[place])
        generated += 1
    of_lines = tuple((probability * scores.of_lines).tolist()) if leaning.scores_lines else ()
    return Answer(Parsed(() if is_na else state.intervals), generated, probability, of_lines)


def write_freely(tokenizer: Tokenizer, logits: NDArray[np.float32], lines: int) -> Writer:
    """Write the most likely token, until an end token or a complete answer, and then parse what was written.

    At most as many tokens are written as the longest valid answer has characters.
    """
    ends = {tokenizer.token_to_id(token) for token in _END_TOKENS}
    most = max(_MIN_LIMIT, len(format_intervals((i, i) for i in range(1, lines + 1, 2))))
    written: list[int] = []
    text = ""
    while len(written) < most and not _COMPLETE.fullmatch(text):
        if written:
            logits = yield written[-1:]
        written.append(int(logits.argmax()))
        if written[-1] in ends:
            break
        text = tokenizer.decode(written, skip_special_tokens=False)
    return Answer(parse_intervals(text, lines), len(written))


def _likeliest(
    grammar: Grammar, state: State, allowed: Sequence[int], logits: NDArray[np.float32], leaning: Leaning
) -> int:
    """The tokens that may come next and their logits -> the place of the likeliest one, under a leaning.

    The logits of tokens after which nothing more is kept are lowered. With a bias, what an interval starts and ends
    with is a `biased_number`, where the tokenizer has a token for each number of lines.
    """
    bias = leaning.keep_bias
    penalty = leaning.end_penalty + bias
    if penalty and state.may_end:
        ends = [grammar.advance(state, i).expect in ("done", "na") for i in allowed]
        return int((logits - penalty * np.array(ends, np.float32)).argmax())
    if bias and _begins_number(state) and state.total <= grammar.whole_numbers:
        return biased_number(_numbers(grammar, allowed), logits, bias, state.expect == "end")
    return int(logits.argmax())


def _score(
    scores: LineScores,
    grammar: Grammar,
    state: State,
    allowed: Sequence[int],
    shares: NDArray[np.float64],
    place: int,
) -> None:
    """Add a choice between tokens, the probability of each and the place of the chosen one, to the scores of lines."""
    if _begins_number(state):
        add = scores.add_start if state.expect == "start" else scores.add_end
        add(_numbers(grammar, allowed), shares, place)
    elif state.may_end:
        ends = [grammar.advance(state, i).expect == "done" for i in allowed]
        scores.go_on(1 - float(shares[ends].sum()))


def _begins_number(state: State) -> bool:
    return state.expect in ("start", "end") and not state.digits


def _numbers(grammar: Grammar, tokens: Sequence[int]) -> list[int]:
    """Tokens that begin with a number -> these numbers."""
    return [int(_NUMBER.match(grammar.text[i])[0]) for i in tokens]  # type: ignore[index]


def _shares(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Logits -> probabilities."""
    shares: NDArray[np.float64] = np.exp(logits.astype(np.float64) - float(logits.max()))
    shares /= shares.sum()
    return shares
