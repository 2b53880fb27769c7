"""Scrapy: a spider yields pages, and the pipeline adds their main content, one JSON object a line.

python examples/with_scrapy.py out.jsonl tests/pages/news.html tests/pages/docs.html
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess


class Pages(scrapy.Spider):
    """Yields each page that it gets."""

    name = "pages"

    def parse(self, response: scrapy.http.Response) -> Iterator[dict[str, Any]]:
        """A response -> an item; the pipeline adds `content` and what is known of it."""
        yield {"url": response.url, "html": response.body}


def main(output: Path, pages: list[Path]) -> None:
    """Crawl files as if they were pages of the web."""
    settings = {
        "ITEM_PIPELINES": {"indexlm.integrations.scrapy.IndexLMPipeline": 300},
        "FEEDS": {output.absolute().as_uri(): {"format": "jsonlines", "fields": ["url", "title", "content"]}},
        "LOG_LEVEL": "WARNING",
        "TELNETCONSOLE_ENABLED": False,
    }
    process = CrawlerProcess(settings)
    process.crawl(Pages, start_urls=[page.absolute().as_uri() for page in pages])
    process.start()


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), [Path(page) for page in sys.argv[2:]])
