"""Adapters for LangChain, LlamaIndex, Haystack, Scrapy and datatrove: a module each, which needs its framework alone.

The extra `integrations` installs what they are tested with.
"""

from __future__ import annotations

import logging
from typing import Any

from indexlm.extraction import Extraction
from indexlm.extractor import Extractor
from indexlm.inputs.document import Source
from indexlm.page import IndexLMError

_LOGGER = logging.getLogger(__name__)


def extract_text(extractor: Extractor, text: str | bytes, url: str = "", query: str = "") -> Extraction | None:
    """A page that a framework holds -> its extraction; None, and a warning in the log, for what is no page."""
    url = url if url.lower().startswith(("http://", "https://")) else ""
    try:
        return extractor.extract(Source(text, url), url=url, query=query)
    except IndexLMError as error:
        _LOGGER.warning("%s", error)
        return None


def describe_choice(extraction: Extraction) -> dict[str, Any]:
    """What an adapter says of an extraction in a document's metadata: flat, with the page's title and warnings."""
    expected = extraction.prediction.expected_f1
    values = {
        "title": extraction.page.title,
        "language": extraction.page.lang,
        "expected_f1": None if expected is None else round(expected, 4),
        "decided_by": extraction.prediction.decided_by,
        "warnings": list(extraction.warnings),
    }
    return {name: value for name, value in values.items() if value not in ("", None, [])}


def cite(extraction: Extraction) -> list[dict[str, Any]]:
    """The kept blocks: number, text, and source line of each."""
    blocks = extraction.page.blocks
    return [{"block": i, "text": blocks[i - 1].text, "line": blocks[i - 1].line} for i in extraction.indices]
