"""What is known about a page beside its text, each value with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, NamedTuple


class MetadataValue(NamedTuple):
    """A value of a page's metadata.

    value: dates as ISO 8601, addresses absolute, several authors with `; ` between.
    source: where it comes from: `json-ld`, `microdata`, the name of a `<meta>`, an element, or what guessed it.
    guessed: whether the page does not state it.
    """

    value: str
    source: str
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Metadata:
    """A page's metadata; None for what is not known.

    published, modified: a date with as much of it as the page states: a year, a month, a day, or a time with its zone.
    language: a BCP 47 tag, such as `en` or `pt-BR`.
    type: the page's own type, such as `NewsArticle` (schema.org) or `article` (Open Graph).
    """

    title: MetadataValue | None = None
    author: MetadataValue | None = None
    published: MetadataValue | None = None
    modified: MetadataValue | None = None
    site: MetadataValue | None = None
    description: MetadataValue | None = None
    language: MetadataValue | None = None
    image: MetadataValue | None = None
    canonical: MetadataValue | None = None
    type: MetadataValue | None = None

    def values(self) -> dict[str, MetadataValue]:
        """What is known, by name."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in pairs if value is not None}

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """What is known, for `json.dumps`: by name the value, its source, and whether it is guessed."""
        return {name: value._asdict() for name, value in self.values().items()}
