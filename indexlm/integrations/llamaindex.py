"""LlamaIndex: a reader of web pages, and a node postprocessor that keeps what answers the query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from os import PathLike
from typing import Any

from llama_index.core.bridge.pydantic import Field
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.readers.base import BaseReader
from llama_index.core.schema import Document, MetadataMode, NodeWithScore, QueryBundle, TextNode
from pydantic import InstanceOf

from indexlm.extractor import Extractor
from indexlm.integrations import cite, describe_choice, extract_text
from indexlm.sources import load


class MainContentReader(BaseReader):
    """Files and http(s) addresses -> documents of their main content."""

    def __init__(self, extractor: Extractor | None = None, format: str = "markdown", title: bool = True) -> None:
        self.extractor = extractor or Extractor()
        self.format = format
        self.title = title

    def lazy_load_data(self, sources: Iterable[str | PathLike[str]], **kwargs: Any) -> Iterator[Document]:
        """Each source -> its document, with `source` in the metadata. Raises `IndexLMError` for one without a page."""
        for source in sources:
            extraction = self.extractor.extract(load(str(source)))
            metadata = {"source": str(source)} | describe_choice(extraction)
            yield Document(text=extraction.render(self.format, title=self.title), metadata=metadata)


class AnswerPostprocessor(BaseNodePostprocessor):
    """Retrieved nodes (HTML, Markdown or text) -> of each the blocks that answer the query, word for word.

    A node that answers nothing is left out; without a query all stay. `metadata["citations"]` holds number, text and
    line of each block. Scores stay.
    """

    extractor: InstanceOf[Extractor] = Field(default_factory=Extractor, exclude=True)

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex stores it."""
        return "IndexLMAnswerPostprocessor"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if query_bundle is None or not query_bundle.query_str.strip():
            return nodes
        results = []
        for scored in nodes:
            text = scored.node.get_content(metadata_mode=MetadataMode.NONE)
            address = str(scored.node.metadata.get("source", ""))
            extraction = extract_text(self.extractor, text, address, query_bundle.query_str)
            if extraction and extraction.indices:
                metadata = scored.node.metadata | describe_choice(extraction) | {"citations": cite(extraction)}
                node = TextNode(
                    id_=scored.node.node_id,
                    text=extraction.markdown,
                    metadata=metadata,
                    relationships=scored.node.relationships,
                    excluded_llm_metadata_keys=["citations"],
                    excluded_embed_metadata_keys=["citations"],
                )
                results.append(NodeWithScore(node=node, score=scored.score))
        return results
