"""Short facts of JSON-LD, for a page that shows nothing: prices, dates, places, hours, questions with their answers."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape, unescape
from itertools import islice
from typing import Any

_THINGS = {
    "Product": "sku brand offers",
    "Event": "startDate endDate location offers",
    "JobPosting": "hiringOrganization jobLocation employmentType baseSalary datePosted validThrough",
    "Recipe": "prepTime cookTime totalTime recipeYield",
    "LocalBusiness": "address telephone email openingHours openingHoursSpecification priceRange",
}
"""By type, the properties that are facts."""
_ENDINGS = {"Event": "Event", "Business": "LocalBusiness"}
_BUSINESSES = ("Restaurant", "Hotel", "Store", "Dentist", "Hospital", "Bakery", "Library", "Museum", "MedicalClinic")
_NAMED = ("name", "streetAddress", "postalCode", "addressLocality", "addressRegion", "addressCountry", "address")
_AMOUNT = ("price", "lowPrice", "value", "priceCurrency", "currency", "unitText", "availability")
_HOURS = ("dayOfWeek", "opens", "closes")
_DEPTH = 5
_MOST = 200  # facts, and values of one
_LONGEST = 300  # characters


def read_facts(things: Iterator[dict[str, Any]]) -> str:
    """The objects of a page's JSON-LD -> questions with their answers, and the facts of the others, as HTML."""
    html: list[str] = []
    for thing in islice(things, _MOST):
        kind = _kind(thing)
        if kind == "Question":
            html += _answered(thing)
        elif kind in _THINGS:
            html += _facts(thing, _THINGS[kind].split())
    return "".join(dict.fromkeys(html))


def _kind(thing: dict[str, Any]) -> str:
    kinds = thing.get("@type")
    kind = str(kinds[0] if isinstance(kinds, list) and kinds else kinds).rpartition("/")[2]
    if kind in _BUSINESSES:
        return "LocalBusiness"
    return next((other for ending, other in _ENDINGS.items() if kind.endswith(ending)), kind)


def _answered(question: dict[str, Any]) -> Iterator[str]:
    answers = question.get("acceptedAnswer") or question.get("suggestedAnswer")
    answer = answers[0] if isinstance(answers, list) and answers else answers
    text = answer.get("text") if isinstance(answer, dict) else None
    name = question.get("name")
    if isinstance(name, str) and isinstance(text, str):
        marked = text if "</" in text else f"<p>{escape(unescape(text), quote=False)}</p>"
        yield f"<h3>{escape(unescape(name), quote=False)}</h3>{marked}"


def _facts(thing: dict[str, Any], names: list[str]) -> Iterator[str]:
    if isinstance(title := thing.get("name") or thing.get("title"), str):
        yield f"<h2>{escape(unescape(title), quote=False)}</h2>"
    for name in names:
        values = list(dict.fromkeys(islice(_values(thing.get(name), 0), _MOST)))
        if values and len(text := " ".join(values)) <= _LONGEST:
            yield f"<p>{name}: {escape(unescape(text), quote=False)}</p>"


def _values(value: Any, depth: int) -> Iterator[str]:
    """A value -> the texts and numbers that say it, in the order of a reader."""
    if isinstance(value, list) and depth < _DEPTH:
        for inner in value:
            yield from _values(inner, depth + 1)
    elif isinstance(value, dict) and depth < _DEPTH:
        for key in (*_NAMED, *_AMOUNT, *_HOURS):
            yield from _values(value.get(key), depth + 1)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool) and str(value).strip():
        text = str(value).strip()
        yield text.rpartition("/")[2] if text.startswith(("http://schema.org/", "https://schema.org/")) else text
