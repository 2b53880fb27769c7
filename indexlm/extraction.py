"""`Extraction`: a page and the blocks kept of it, in every format."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from indexlm.guess import guess_missing
from indexlm.html.locate import Location, locate
from indexlm.html.metadata.describe import describe
from indexlm.inputs.doubts import result_warnings
from indexlm.intervals import Interval, format_intervals, to_intervals
from indexlm.limits import check_number
from indexlm.metadata import Metadata
from indexlm.output.chunks import Chunk, CountTokens, to_chunks
from indexlm.output.front_matter import to_front_matter
from indexlm.output.html import to_html
from indexlm.output.links import with_links
from indexlm.output.markdown import to_markdown
from indexlm.output.text import to_json, to_text
from indexlm.page import IndexLMError, Page, Prediction
from indexlm.text import count_units

FORMATS = ("markdown", "html", "text", "json", "intervals", "chunks")
"""What `Extraction.render` writes."""


def check_format(format: str, front_matter: bool = False) -> None:
    """Raise `IndexLMError` for none of `FORMATS`, and for front matter above anything but Markdown."""
    if front_matter and format != "markdown":
        raise IndexLMError(f"front matter stands above Markdown; found format {format!r}")
    if format not in FORMATS:
        raise IndexLMError(f"a format is {', '.join(FORMATS)}; found {format!r}")


@dataclass(frozen=True, slots=True)
class Extraction:
    """A page and the blocks kept of it, in every format.

    source: the text that the page was read from, in HTML; offsets count its characters.
    """

    page: Page
    prediction: Prediction
    source: str = field(default="", repr=False, compare=False)

    @property
    def indices(self) -> tuple[int, ...]:
        """The kept blocks, 1-based and ascending."""
        return self.prediction.indices

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The kept blocks as intervals, both ends inclusive."""
        return to_intervals(self.prediction.indices)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes the result doubtful: the page's warnings, and that nothing is kept."""
        return result_warnings(self.page, self.prediction)

    @property
    def markdown(self) -> str:
        """The kept blocks as Markdown, without images (`indexlm.assemble.to_markdown` keeps them)."""
        return to_markdown(self.page, self.indices)

    @property
    def html(self) -> str:
        """The kept blocks as clean HTML."""
        return to_html(self.page, self.indices)

    @property
    def text(self) -> str:
        """The kept blocks as plain text."""
        return to_text(self.page, self.indices)

    @property
    def metadata(self) -> Metadata:
        """What the page states of itself, and with the extra `metadata` guesses of the rest; read at each call."""
        return guess_missing(describe(self.source, self.page.url), self.source, self.text, self.page.url)

    def locations(self) -> tuple[Location, ...]:
        """Where each kept block stands: the XPath of its element and its place in `source`."""
        return locate(self.page, self.source, self.indices)

    def chunks(
        self, max_tokens: int = 512, overlap: int = 0, count_tokens: CountTokens = count_units
    ) -> tuple[Chunk, ...]:
        """The kept blocks in pieces for retrieval; see `indexlm.output.chunks.to_chunks`."""
        return to_chunks(self.page, self.indices, max_tokens, overlap, count_tokens, self.source)

    def needs_review(self, min_expected_f1: float = 0.8) -> bool:
        """Whether the page should go to a person or a slower system.

        It should where its answer could not be read, where its expected F1 is below `min_expected_f1` (0 to 1), and
        where nothing is kept as main content. An empty answer to a query is an answer, whose expected F1 is the
        probability that no block answers; where that is not known, it needs no review.
        """
        check_number("an expected F1 is from 0 to 1", min_expected_f1, 0, 1)
        expected = self.prediction.expected_f1
        is_doubtful = bool(self.indices) if expected is None else expected < min_expected_f1
        return bool(self.prediction.error) or is_doubtful or not (self.indices or self.page.query)

    def json(self) -> dict[str, Any]:
        """Everything, as an object that `json.dumps` takes."""
        data = to_json(self.page, self.prediction)
        places = {location.index: location for location in self.locations()}
        for block in data["blocks"]:
            place = places.get(block["index"])
            block |= {"xpath": place.xpath, "start": place.start, "end": place.end} if place else {}
        return data | {"metadata": self.metadata.to_dict()}

    def with_title(self) -> Extraction:
        """The same with the heading that names the page (`Page.heading`), where there is one and anything is kept.

        Most references of main content leave it out, and so do models that are trained on them.
        """
        heading = self.page.heading
        if heading is None or not self.indices:
            return self
        indices = tuple(sorted({heading, *self.indices}))
        return replace(self, prediction=replace(self.prediction, indices=indices))

    def with_links(self, links: str) -> Extraction:
        """The same with its links `absolute`, as the page writes them (`keep`), or as text alone (`drop`)."""
        return replace(self, page=with_links(self.page, links))

    def render(
        self,
        format: str = "markdown",
        *,
        title: bool = False,
        front_matter: bool = False,
        images: bool = False,
        links: str = "absolute",
    ) -> str:
        """The kept blocks in one of `FORMATS`; with `title` as in `with_title`, with `links` as in `with_links`.

        `images` keeps images in Markdown; HTML has them always. `front_matter` puts the metadata above the Markdown. A
        query that no block answers is `NA`, but in JSON and chunks. Raises `IndexLMError` for another format or kind of
        links, and for front matter above anything but Markdown.
        """
        check_format(format, front_matter)
        extraction = (self.with_title() if title else self).with_links(links)
        if format == "chunks":
            return "\n".join(json.dumps(chunk.to_dict(), ensure_ascii=False) for chunk in extraction.chunks())
        if format == "json":
            return json.dumps(extraction.json(), ensure_ascii=False, indent=2)
        if format == "intervals" or (self.page.query and not self.indices):
            content = format_intervals(extraction.intervals)
        elif format == "markdown":
            content = to_markdown(extraction.page, extraction.indices, images=images)
        else:
            content = getattr(extraction, format)
        if front_matter:
            expected = None if self.prediction.expected_f1 is None else round(self.prediction.expected_f1, 4)
            return f"{to_front_matter(self.metadata, url=self.page.url, expected_f1=expected)}\n\n{content}"
        return content
