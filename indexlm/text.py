"""Words, query terms and units of text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import fsum

# Thai, Lao, Burmese, Khmer, Japanese, Chinese.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""The characters of scripts that are written without spaces, for a class of a regular expression."""
# Vowel signs and points, which Python's \w leaves out: combining marks of Latin, Hebrew, Arabic, Syriac and India.
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4"
    "\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u0900-\u0963\u0966-\u0dff"
)
_WORD = re.compile(rf"[{UNSPACED}]|(?:[^\W{UNSPACED}]|[{_MARKS}])+")
_STEM = 6  # letters of a word that count in a match
_PLURAL = 3  # a longer word loses its final s
# About a token in any tokenizer: up to seven letters, up to three digits, or one other character.
_UNIT = r"\s*(?:[A-Za-z]{1,7}|\d{1,3}|[^\sA-Za-z\d])"
_ONE_UNIT = re.compile(_UNIT)


def words(text: str) -> list[str]:
    """Text -> its words in lower case; in a script without spaces each character is a word."""
    return _WORD.findall(text.lower())


def word_set(names: str) -> frozenset[str]:
    """Names with spaces between -> their set."""
    return frozenset(names.split())


def stems(text_words: Sequence[str]) -> set[str]:
    """Words -> the stems of those longer than one letter: without a final s, at most `_STEM` letters."""
    return {(word.removesuffix("s") if len(word) > _PLURAL else word)[:_STEM] for word in text_words if len(word) > 1}


def terms(text: str) -> set[str]:
    """Text -> the terms that are matched with a query's: stems, and character pairs in scripts without spaces."""
    text_words = words(text)
    pairs = {a + b for a, b in pairwise(text_words) if len(a) == len(b) == 1}
    return stems(text_words) | pairs or set(text_words)


def find_terms(text: str, wanted: Container[str]) -> list[tuple[int, str]]:
    """The places (characters from 0) where one of the `wanted` terms stands in a text, with that term."""
    matches = [(match.start(), match.group()) for match in _WORD.finditer(text.lower())]
    candidates = [(place, stem) for place, word in matches for stem in stems([word])]
    candidates += [(place, a + b) for (place, a), (_, b) in pairwise(matches) if len(a) == len(b) == 1]
    return sorted((place, term) for place, term in candidates if term in wanted)


def count_units(text: str) -> int:
    """Text -> its number of units."""
    return len(_ONE_UNIT.findall(text))


def clip(text: str, units: int, weights: Mapping[str, float] | None = None) -> str:
    """Text -> at most `units` units of it: the head, and of a longer text the tail after ` … `.

    `weights` are those of a query's terms. A longer text that holds some of them shows a quarter of its units from its
    head, and the rest from the passage with the greatest weight.
    """
    if (match := _units(units).match(text)) is None or match.end() >= len(text.rstrip()):
        return text
    if weights and (places := find_terms(text, weights)):
        return _passage(text, units, places, weights)
    # Read backwards, a unit is the same but for its leading space; 64 characters are enough for any unit.
    tail = begin(text.rstrip()[: -64 * (units // 4) - 1 : -1], units // 4)[::-1].strip()
    return f"{begin(text, units - units // 4)} … {tail}"


def _passage(text: str, units: int, places: Sequence[tuple[int, str]], weights: Mapping[str, float]) -> str:
    """A text longer than `units` -> a quarter of them from its head, the others where the terms weigh most."""
    starts = [match.start() for match in _ONE_UNIT.finditer(text.rstrip())]
    room = units - units // 4
    located = [(bisect_right(starts, place) - 1, term) for place, term in places]  # in units
    most, first, last = 0.0, 0, 0
    for i, (start, _) in enumerate(located):
        near = [(at, term) for at, term in located[i : i + room] if at < start + room]
        weight = fsum(weights[term] for term in {term for _, term in near})
        if weight > most:
            most, first, last = weight, start, near[-1][0]
    start = min(first - (room - (last - first)) // 2, len(starts) - room)
    if start <= units // 4:
        return f"{begin(text, units)} …"
    # Not from the middle of a word, where spaces part words.
    space = text.find(" ", starts[start], starts[first] + 1)
    passage = begin(text[starts[start] if space < 0 else space :], room).strip()
    return f"{begin(text, units // 4)} … {passage}" + " …" * (start + room < len(starts))


def begin(text: str, units: int) -> str:
    """Text -> its first `units` units; a word that would be cut is left out, unless it is the only one."""
    match = _units(units).match(text)
    assert match is not None  # the pattern matches the empty string
    head = match.group()
    if len(head) < len(text) and head[-1:].isalpha() and text[len(head)].isalpha() and " " in head.strip():
        return head.rpartition(" ")[0]
    return head


@lru_cache(maxsize=64)
def _units(count: int) -> re.Pattern[str]:
    return re.compile(f"(?:{_UNIT}){{0,{count}}}")
