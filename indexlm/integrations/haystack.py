"""Haystack: a converter of web pages to documents of their main content, or of what answers a query."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from haystack import Document, component, default_from_dict, default_to_dict
from haystack.dataclasses import ByteStream

from indexlm.extraction import check_format
from indexlm.extractor import Extractor
from indexlm.inputs.document import Source
from indexlm.integrations import cite, describe_choice, extract_text
from indexlm.sources import load


@component
class IndexLMConverter:
    """Files, http(s) addresses and byte streams -> `documents`.

    Without a query, a document holds the main content. With one, it holds the blocks that answer, with `citations` in
    its metadata; a source that answers nothing has no document. A source that is no page has none either, and a
    warning stands in the log.
    """

    def __init__(self, head: str = "classifier", model: str = "", format: str = "markdown", title: bool = True) -> None:
        check_format(format)
        self.head = head
        self.model = model
        self.format = format
        self.title = title
        self._extractor = Extractor(head, model=model)

    def warm_up(self) -> None:
        """Opens the model."""
        self._extractor.open()

    def to_dict(self) -> dict[str, Any]:
        """For pipelines on disk."""
        return default_to_dict(self, head=self.head, model=self.model, format=self.format, title=self.title)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> IndexLMConverter:
        """For pipelines on disk, which need `allowed_modules=["indexlm.integrations.haystack"]`."""
        converter: IndexLMConverter = default_from_dict(cls, data)
        return converter

    @component.output_types(documents=list[Document])
    def run(self, sources: list[str | Path | ByteStream], query: str = "") -> dict[str, list[Document]]:
        """See the class."""
        documents = []
        for source in sources:
            page, metadata = _read(source)
            extraction = extract_text(self._extractor, page.content, page.url, query)
            if extraction is None or (query and not extraction.indices):
                continue
            text = extraction.markdown if query else extraction.render(self.format, title=self.title)
            metadata |= describe_choice(extraction) | ({"citations": cite(extraction)} if query else {})
            documents.append(Document(content=text, meta=metadata))
        return {"documents": documents}


def _read(source: str | Path | ByteStream) -> tuple[Source, dict[str, Any]]:
    if isinstance(source, ByteStream):
        url = str(source.meta.get("url", ""))
        return Source(source.data, url, content_type=source.mime_type or ""), dict(source.meta)
    return load(str(source)), {"source": str(source)}
