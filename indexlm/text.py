"""Words, query terms and units of text."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import lru_cache
from math import fsum

from indexlm.patterns import late

# Thai, Lao, Tibetan, Burmese, Khmer, Japanese, Chinese.
UNSPACED = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""The characters of scripts that are written without spaces, for a class of a regular expression."""
_HAN = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # Chinese and Japanese: a pair of characters is about a word
_HANGUL = "\uac00-\ud7a3"
# Vowel signs and points, which Python's \w leaves out: combining marks of Latin, Hebrew, Arabic, Syriac and India.
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4"
    "\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u0900-\u0963\u0966-\u0dff"
)
_WORD = late(rf"[{UNSPACED}]|(?:[^\W{UNSPACED}]|[{_MARKS}])+")
_RUN = late(rf"[{UNSPACED}]+|[{_HANGUL}]+|(?<!\w)\d(?:\.\d)+(?!\w)|(?:[^\W{UNSPACED}{_HANGUL}]|[{_MARKS}])+")
_PLAIN = late("[\x00-\u02ff\u2000-\u206f\u20a0-\u20bf\u2100-\u27bf]*")
_PLAIN_WORD = late(r"\w+")
_PLAIN_RUN = late(r"(?<!\w)\d(?:\.\d)+(?!\w)|\w+")
"""The same in Latin letters, signs and spaces: patterns of all scripts take long to compile."""
_IN_SEQUENCE = late(f"[{UNSPACED}{_HANGUL}]")
_IN_PAIRS = late(f"[{_HAN}{_HANGUL}]")
_POINTS = late("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]+")
LONGEST_STEM = 6
"""Letters of a word that count in a match."""
_PLURAL = 3  # a longer word loses its final s
_LATIN = late(r"[a-z\u00c0-\u024f\u1e00-\u1eff]|\d+$")
# What cases and numbers change at the end of a word of more than three letters: Greek, Cyrillic, the signs of India.
_ENDING = late(
    "(?<=...)(?:[\u03b1\u03b5\u03b7\u03b9\u03bf\u03c5\u03c9]{1,2}[\u03c3\u03bd]?"
    "|[\u0430\u0435\u0438\u043e\u0443\u044b\u044c\u044d\u044e\u044f\u0454\u0456]{1,2}[\u0432\u043c\u0445]?"
    "|[\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09be-\u09cd\u0a01-\u0a03\u0a3e-\u0a4d\u0a81-\u0a83\u0abe-\u0acd"
    "\u0b01-\u0b03\u0b3e-\u0b4d\u0b82\u0bbe-\u0bcd\u0c00-\u0c03\u0c3e-\u0c4d\u0c82\u0c83\u0cbe-\u0ccd\u0d02\u0d03\u0d3e-\u0d4d"
    "\u0d82\u0d83\u0dca-\u0ddf]{1,2})$"
)
# Hebrew and Arabic write articles, `and` and some prepositions as one word with what follows.
_PREFIX = late(
    r"(?:[\u05d4\u05d5\u05db\u05dc\u05d1\u05de\u05e9]+|[\u0648\u0641]?(?:[\u0628\u0643]?\u0627\u0644|\u0644\u0644))(?=\w{3})"
)
# About a token in any tokenizer: up to seven letters, up to three digits, or one other character.
_UNIT = r"\s*(?:[A-Za-z]{1,7}|\d{1,3}|[^\sA-Za-z\d])"
_ONE_UNIT = late(_UNIT)


def words(text: str) -> list[str]:
    """Text -> its words in lower case; in a script without spaces each character is a word."""
    text = text.lower()
    return (_PLAIN_WORD if _is_plain(text) else _WORD).findall(text)


def _is_plain(text: str) -> bool:
    """Whether a text has no letter but Latin ones, without combining marks."""
    return text.isascii() or _PLAIN.fullmatch(text) is not None


CURRENCY_SIGNS = "$€£¥₹₩₽₺฿₫₴₪₦₱"
CURRENCY_NAMES = "EUR|USD|GBP|CHF|PLN|SEK|NOK|DKK|kr|zł|Kč|Ft|lei|TL|лв|грн|руб"


def has_digit(text: str) -> bool:
    """Whether a text holds a digit of any script."""
    return any(map(str.isdigit, text))


def word_set(names: str) -> frozenset[str]:
    """Names with spaces between -> their set."""
    return frozenset(names.split())


@lru_cache(maxsize=1 << 12)  # what decides a question asks for the terms of each block several times
def terms(text: str) -> frozenset[str]:
    """Text -> the terms that are matched with a query's.

    A word's term is its stem of at most `LONGEST_STEM` letters: without case and, but in Latin letters, without
    accents, points, and the endings and prefixes of its script. In scripts without spaces the terms are all sequences
    of characters as long as a short word: two in Chinese and Japanese, three in others. In Korean words they are all
    pairs of syllables, because endings follow a stem without a mark.
    """
    if _is_plain(text):  # the same as below, in half of the time
        found = frozenset([stem for stem in map(_stem, _PLAIN_RUN.findall(text)) if len(stem) > 1])
    else:
        found = frozenset(term for _, term in _located_terms(text))
    return found or frozenset(words(text))


def is_sequence(term: str) -> bool:
    """Whether a term is a sequence of characters, not a stem."""
    return _IN_SEQUENCE.match(term) is not None


def find_terms(text: str, wanted: Container[str]) -> list[tuple[int, str]]:
    """The places (characters from 0) where one of the `wanted` terms stands in a text, with that term."""
    return [(place, term) for place, term in _located_terms(text) if term in wanted]


def _located_terms(text: str) -> Iterator[tuple[int, str]]:
    is_plain = _is_plain(text)
    for match in (_PLAIN_RUN if is_plain else _RUN).finditer(text):
        run, start = match.group(), match.start()
        if is_plain or _IN_SEQUENCE.match(run) is None:
            if len(stem := _stem(run)) > 1:
                yield start, stem
            continue
        length = 2 if _IN_PAIRS.match(run) else 3
        for i in range(max(1, len(run) - length + 1)):
            yield start + i, run[i : i + length]


@lru_cache(maxsize=1 << 14)
def _stem(word: str) -> str:
    """A word, or the number of a version (`3.2`) -> its stem; less than two letters are left as they are."""
    word = word.lower().replace(".", "")
    if _LATIN.match(word):
        return (word.removesuffix("s") if len(word) > _PLURAL else word)[:LONGEST_STEM]
    word = unicodedata.normalize("NFC", _POINTS.sub("", unicodedata.normalize("NFKD", word.casefold())))
    if prefix := _PREFIX.match(word):
        word = word[prefix.end() :]
    word = word.removesuffix("s") if len(word) > _PLURAL else word
    return _ENDING.sub("", word)[:LONGEST_STEM]


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
