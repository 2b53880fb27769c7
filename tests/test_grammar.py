"""The interval grammar: every valid answer can be written, and nothing else."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from heads.grammar import Grammar, State
from indexlm import format_intervals, parse_intervals, to_intervals
from tests.test_intervals import subsets


def sentences(state: State) -> list[str]:
    """All answers that the grammar can write from here."""
    if state.expect == "done":
        return [""]
    following = ((char, state.after(char)) for char in "[],0123456789NA x")
    return [char + rest for char, after in following if after is not None for rest in sentences(after)]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 10])
def test_answers_are_exactly_the_canonical_ones(count: int) -> None:
    """Exhaustive: the language of the grammar is the set of formatted choices of blocks."""
    if count == 10:  # two-digit numbers
        found = sentences(State(10))
        assert len(found) == len(set(found)) == 2**10
        return
    expected = {format_intervals(to_intervals(indices)) for indices in subsets(count)}
    assert sorted(sentences(State(count))) == sorted(expected)


def write(grammar: Grammar, state: State, rng: random.Random) -> str:
    text = ""
    while state.expect != "done":
        token = rng.choice(sorted(grammar.allowed(state)))
        text += grammar.text[token]
        state = grammar.advance(state, token)
    return text


@pytest.mark.parametrize("count", [0, 1, 7, 60, 999, 1205])
def test_any_walk_through_the_tokens_writes_a_valid_answer(tiny_tokenizer: Path, count: int) -> None:
    grammar = Grammar(Tokenizer.from_file(str(tiny_tokenizer / "tokenizer.json")))
    rng = random.Random(count)
    for _ in range(20):
        answer = write(grammar, State(count), rng)
        parsed = parse_intervals(answer, count)
        assert (parsed.repairs, parsed.error) == ((), "")
        assert format_intervals(parsed.intervals) == answer


def assert_can_write(tokenizer: Tokenizer, answer: str, count: int) -> None:
    grammar = Grammar(tokenizer)
    state = State(count)
    for token in tokenizer.encode(answer, add_special_tokens=False).ids:
        assert token in grammar.allowed(state), (answer, tokenizer.id_to_token(token))
        state = grammar.advance(state, token)
    assert state.expect == "done"


ANSWERS = ["NA", "[[1,1]]", "[[1,120]]", "[[2,4],[7,7],[9,30],[100,118]]"]


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_tokens_of_a_trained_answer_are_allowed(tiny_tokenizer: Path, answer: str) -> None:
    assert_can_write(Tokenizer.from_file(str(tiny_tokenizer / "tokenizer.json")), answer, 120)


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_tokens_of_an_answer_are_allowed_in_qwens_vocabulary(qwen_tokenizer: Any, answer: str) -> None:
    assert_can_write(qwen_tokenizer, answer, 120)


def test_any_walk_through_qwens_tokens_writes_a_valid_answer(qwen_tokenizer: Any) -> None:
    grammar = Grammar(qwen_tokenizer)
    rng = random.Random(0)
    for _ in range(20):
        answer = write(grammar, State(37), rng)
        assert parse_intervals(answer, 37).repairs == ()


def test_tokens_that_may_not_come_are_refused(tiny_tokenizer: Path) -> None:
    tokenizer = Tokenizer.from_file(str(tiny_tokenizer / "tokenizer.json"))
    grammar = Grammar(tokenizer)
    with pytest.raises(ValueError, match="may not follow"):
        grammar.advance(State(5), tokenizer.token_to_id("]"))
