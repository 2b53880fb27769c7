"""datatrove: a reader of crawls, an extractor for its sandbox, and a step that extracts pages in a pool of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.extractors.base import BaseExtractor
from datatrove.utils.logging import logger
from datatrove.utils.typeshelper import StatHints

from indexlm.extraction import check_format
from indexlm.extractor import Extractor
from indexlm.inputs.document import Source
from indexlm.inputs.read import read_document
from indexlm.integrations import describe_choice
from indexlm.page import IndexLMError
from indexlm.scale.records import Columns, read_task
from indexlm.scale.tasks import Cut, plan_tasks


class CrawlReader(PipelineStep):
    """WARC, Parquet and JSONL files, pages, and folders of these -> documents whose text is HTML.

    Inputs are what `indexlm scale` reads, with `url` and `captured` in the metadata. The tasks of a pipeline share
    them. A record that cannot be read is left out, with a warning in the log.
    """

    type = "📖 - READER"
    name = "IndexLM crawl"

    def __init__(self, inputs: Sequence[str], columns: Columns = Columns(), cut: Cut = Cut()) -> None:  # noqa: B008
        super().__init__()
        self.inputs = inputs
        self.columns = columns
        self.cut = cut

    def run(self, data: Any = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """See the class."""
        yield from data or ()
        for task in plan_tasks(self.inputs, self.cut).tasks[rank::world_size]:
            for record in read_task(task, self.columns):
                if record is None:
                    self.stat_update("no page")
                    continue
                try:
                    if record.source is None:
                        raise IndexLMError(record.error)
                    html = read_document(record.source).html
                except IndexLMError as error:
                    self.stat_update("failed")
                    logger.warning(f"{error}")
                    continue
                self.stat_update(StatHints.total)
                yield Document(html, record.id, metadata={"url": record.url, "captured": record.captured})


class IndexLMExtractor(BaseExtractor):
    """An extractor as datatrove has them: HTML -> text in one of `indexlm.extraction.FORMATS`, in datatrove's sandbox.

    `timeout` is in seconds for each page. The sandbox passes no addresses on, so that links stay as the page writes
    them; `MainContentStep` has them, and more.
    """

    name = "IndexLM"

    def __init__(self, extractor: Extractor | None = None, format: str = "text", timeout: float = 10) -> None:
        check_format(format)
        super().__init__(timeout)
        self.extractor = extractor or Extractor(threads=1)
        self.format = format

    def extract(self, text: str) -> str:
        """See the class. An empty text, with which the sandbox begins, opens the model."""
        if not text:
            self.extractor.open()
            return ""
        extraction = self.extractor.extract(Source(text))
        return extraction.render(self.format) if extraction.indices else ""


class MainContentStep(PipelineStep):
    """Documents of HTML -> documents of their main content, or of what answers `query`, in one of `FORMATS`.

    Pages are extracted by `workers` processes that are ended at the limits of `extractor`, several at a time and in
    their order. `metadata["url"]` is taken as the address, and the metadata says how the content was chosen. A page
    that fails, and one of which nothing is kept, is left out.
    """

    type = "🛢 - EXTRAC"
    name = "IndexLM main content"

    def __init__(
        self,
        extractor: Extractor | None = None,
        format: str = "markdown",
        title: bool = False,
        query: str = "",
        workers: int = 1,
    ) -> None:
        check_format(format)
        super().__init__()
        self.extractor = extractor or Extractor(threads=1)
        self.format = format
        self.title = title
        self.query = query
        self.workers = workers

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """See the class."""
        waiting: deque[Document] = deque()

        def pages() -> Iterator[tuple[Source, str]]:
            for document in data or ():
                waiting.append(document)
                url = str(document.metadata.get("url", ""))
                url = url if url.lower().startswith(("http://", "https://")) else ""
                yield Source(document.text, url), url

        timeout = 1.5 * self.extractor.max_seconds
        results = self.extractor.extract_many(pages(), query=self.query, workers=self.workers, timeout=timeout)
        for result in results:
            document = waiting.popleft()
            self.stat_update(StatHints.total)
            if isinstance(result, Exception):
                self.stat_update("failed")
                logger.warning(f"{document.id}: {result}")
            elif not result.indices:
                self.stat_update(StatHints.dropped)
            else:
                document.text = result.render(self.format, title=self.title)
                document.metadata |= describe_choice(result)
                self.stat_update(StatHints.forwarded)
                self.update_doc_stats(document)
                yield document
