"""LangChain: a document transformer that keeps main content, and a compressor that keeps what answers a query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, BaseDocumentTransformer, Document
from pydantic import Field, InstanceOf

from indexlm.extractor import Extractor
from indexlm.integrations import cite, describe_choice, extract_text


class MainContentTransformer(BaseDocumentTransformer):
    """Documents of HTML -> documents of their main content, in one of `indexlm.extraction.FORMATS`.

    `metadata["source"]` is taken as the address if it is one. A document that is no page is left out, with a warning in
    the log.
    """

    def __init__(self, extractor: Extractor | None = None, format: str = "markdown", title: bool = True) -> None:
        self.extractor = extractor or Extractor()
        self.format = format
        self.title = title

    def transform_documents(self, documents: Sequence[Document], **kwargs: Any) -> list[Document]:
        """See the class."""
        results = []
        for document in documents:
            address = str(document.metadata.get("source", ""))
            if extraction := extract_text(self.extractor, document.page_content, address):
                text = extraction.render(self.format, title=self.title)
                metadata = document.metadata | describe_choice(extraction)
                results.append(Document(page_content=text, metadata=metadata, id=document.id))
        return results


class AnswerCompressor(BaseDocumentCompressor):
    """Retrieved documents (HTML, Markdown or text) -> of each the blocks that answer the query, word for word.

    A document that answers nothing is left out. `metadata["citations"]` holds number, text and line of each block.
    """

    extractor: InstanceOf[Extractor] = Field(default_factory=Extractor)

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks | None = None
    ) -> list[Document]:
        """See the class."""
        results = []
        for document in documents:
            address = str(document.metadata.get("source", ""))
            extraction = extract_text(self.extractor, document.page_content, address, query)
            if extraction and extraction.indices:
                metadata = document.metadata | describe_choice(extraction) | {"citations": cite(extraction)}
                results.append(Document(page_content=extraction.markdown, metadata=metadata, id=document.id))
        return results
