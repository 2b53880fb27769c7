"""What questions and texts speak of, whatever words they use: a question says `money back`, a page `refund`.

`words/LANGUAGE.txt` has the words for about four hundred things that visitors, customers and readers ask for, a line a
concept. The concepts are the same in all languages. `words/relations.txt` says of a concept which others answer it, and
`words/common.txt` has of each language some words that stand in nearly any text of it, and in few of others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from heads.queries.questions import tells
from indexlm.page import Page
from indexlm.patterns import late
from indexlm.text import is_sequence, terms, words

_SAME = {"no": "nb", "nn": "nb", "iw": "he", "in": "id"}
_SCRIPTS = (
    (late("[\u3040-\u30ff]"), ("ja",)),
    (late("[\uac00-\ud7a3]"), ("ko",)),
    (late("[\u4e00-\u9fff]"), ("zh", "ja")),
    (late("[\u0e00-\u0e7f]"), ("th",)),
    (late("[\u0900-\u097f]"), ("hi",)),
    (late("[\u0590-\u05ff]"), ("he",)),
    (late("[\u0370-\u03ff]"), ("el",)),
    (late("[\u0600-\u06ff]"), ("ar", "fa")),
    (late("[\u0400-\u04ff]"), ("ru", "uk")),
)
_LATIN = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "nb", "da", "fi", "pl", "cs", "hu", "ro", "tr", "vi", "id")
_LEAST_LETTERS = 3  # of a stem in Latin letters
_LEAD = 2  # common words by which a text is of another language than the stated one
_SAMPLE, _MOST_TEXT = 40, 3000  # blocks and characters of a page by which its language is told


class Words(NamedTuple):
    """The words of a language -> their concepts: stems, phrases by their first stem, and parts of texts without spaces.

    sequences: by their first two characters.
    """

    stems: dict[str, frozenset[str]]
    phrases: dict[str, tuple[tuple[str, str], ...]]
    sequences: dict[str, tuple[tuple[str, str], ...]]


def _lines(name: str) -> list[tuple[str, str]]:
    """A file of `words` -> of each line what stands before and behind the colon."""
    text = files(__package__).joinpath(f"words/{name}.txt").read_text("utf-8")
    return [(key, rest) for key, _, rest in (line.partition(":") for line in text.splitlines())]


@cache
def words_of(lang: str) -> Words:
    """The words of a language."""
    stems: defaultdict[str, set[str]] = defaultdict(set)
    phrases: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    sequences: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for concept, rest in _lines(lang):
        for entry in filter(None, (part.strip().lower() for part in rest.split(","))):
            if is_sequence(entry):
                sequences[entry[:2]].append((entry, concept))
                continue
            parts = words(entry)
            stem = min(terms(parts[0]))
            if len(parts) > 1:
                phrases[stem].append((entry, concept))
            elif tells(stem) and len(stem) >= (_LEAST_LETTERS if stem.isascii() else 2):
                stems[stem].add(concept)
    return Words(
        {stem: frozenset(found) for stem, found in stems.items()},
        {stem: tuple(found) for stem, found in phrases.items()},
        {begin: tuple(found) for begin, found in sequences.items()},
    )


@cache
def relations() -> dict[str, frozenset[str]]:
    """By concept, those that may answer it, or that it may answer."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for concept, others in _lines("relations"):
        for other in others.split():
            found[concept].add(other)
            found[other].add(concept)
    return {concept: frozenset(others) for concept, others in found.items()}


@cache
def _common() -> dict[str, frozenset[str]]:
    return {lang: frozenset(rest.split()) for lang, rest in _lines("common")}


@lru_cache(maxsize=1)
def languages(page: Page) -> tuple[str, ...]:
    """The languages of a page's query and of the page, of those that have words here."""
    stated = page.lang[:2].lower()
    text = " ".join(block.text for block in page.blocks[:: max(1, len(page.blocks) // _SAMPLE)])[:_MOST_TEXT]
    of_page = _told(text, _SAME.get(stated, stated))
    return tuple(dict.fromkeys((_told(page.query, of_page), of_page)))


def _told(text: str, stated: str) -> str:
    """The language of a text, by its script and its commonest words; the one that is stated unless they differ."""
    possible = next((langs for script, langs in _SCRIPTS if script.search(text)), _LATIN)
    if len(possible) == 1:
        return possible[0]
    found = Counter(words(text))
    counts = {lang: sum(found[word] for word in _common()[lang] & found.keys()) for lang in possible}
    if stated in possible and max(counts.values()) < max(counts[stated] + _LEAD, 2 * counts[stated]):
        return stated
    return max(counts, key=counts.__getitem__)


@lru_cache(maxsize=1 << 12)
def concepts_of(text: str, langs: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """A text -> by concept that it speaks of, the terms of the words for it."""
    lower = text.lower()
    found: defaultdict[str, set[str]] = defaultdict(set)
    held = terms(text)
    for lang in langs:
        stems, phrases, sequences = words_of(lang)
        for term in held & stems.keys():
            for concept in stems[term]:
                found[concept].add(term)
        for term in held & phrases.keys():
            for phrase, concept in phrases[term]:
                if phrase in lower:
                    found[concept].update(terms(phrase))
        for i in range(len(lower) - 1 if sequences else 0):
            for word, concept in sequences.get(lower[i : i + 2], ()):
                if lower.startswith(word, i):
                    found[concept].update(terms(word))
    return {concept: frozenset(evoking) for concept, evoking in found.items()}
