"""IndexLM: a web page in, the blocks that matter out."""

from indexlm.extractor import Extraction, Extractor, extract, extract_many
from indexlm.html.read import read_page
from indexlm.intervals import Interval, format_intervals, parse_intervals, to_indices, to_intervals
from indexlm.page import Block, IndexLMError, Page, Prediction
from indexlm.sources import load

__version__ = "0.9.0"

__all__ = [
    "Block",
    "Extraction",
    "Extractor",
    "IndexLMError",
    "Interval",
    "Page",
    "Prediction",
    "__version__",
    "extract",
    "extract_many",
    "format_intervals",
    "load",
    "parse_intervals",
    "read_page",
    "to_indices",
    "to_intervals",
]
