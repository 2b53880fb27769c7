"""Scrapy: an item pipeline that turns a field of HTML into main content, or into what answers a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from itemadapter import ItemAdapter

from indexlm.extraction import check_format
from indexlm.extractor import Extractor
from indexlm.integrations import describe_choice, extract_text

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class IndexLMPipeline:
    """Reads an item's `html` and `url`, and writes `content` and what is known of it, in fields that the item has.

    Settings: `INDEXLM_HEAD`, `INDEXLM_MODEL`, `INDEXLM_FORMAT`, `INDEXLM_QUERY`, and the names of fields
    `INDEXLM_HTML_FIELD` (`html`), `INDEXLM_URL_FIELD` (`url`) and `INDEXLM_CONTENT_FIELD` (`content`). An item without
    HTML stays as it is; one that is no page has empty content, and a warning stands in the log.
    """

    def __init__(self, settings: Any) -> None:
        self.format = settings.get("INDEXLM_FORMAT", "markdown")
        self.query = settings.get("INDEXLM_QUERY", "")
        self.html = settings.get("INDEXLM_HTML_FIELD", "html")
        self.url = settings.get("INDEXLM_URL_FIELD", "url")
        self.content = settings.get("INDEXLM_CONTENT_FIELD", "content")
        check_format(self.format)
        self.extractor = Extractor(settings.get("INDEXLM_HEAD", "classifier"), model=settings.get("INDEXLM_MODEL", ""))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """As Scrapy makes it."""
        return cls(crawler.settings)

    def open_spider(self) -> None:
        """Opens the model."""
        self.extractor.open()

    def process_item(self, item: Any) -> Any:
        """See the class."""
        adapter = ItemAdapter(item)
        html = adapter.get(self.html)
        if not html:
            return item
        extraction = extract_text(self.extractor, html, str(adapter.get(self.url) or ""), self.query)
        values: dict[str, Any] = {self.content: ""}
        if extraction:
            values = {self.content: extraction.render(self.format)} | describe_choice(extraction)
        fields = ItemAdapter.get_field_names_from_class(type(item))
        for name, value in values.items():
            if fields is None or name in fields:
                adapter[name] = value
        return item
