"""IndexLM: a web page in, the blocks that matter out."""

from indexlm.api import Extraction, extract, extract_many
from indexlm.intervals import Interval, format_intervals, parse_intervals, to_indices, to_intervals
from indexlm.page import Block, Example, IndexLMError, Page, Prediction
from indexlm.segment import read_page

__version__ = "0.8.0"

__all__ = [
    "Block",
    "Example",
    "Extraction",
    "IndexLMError",
    "Interval",
    "Page",
    "Prediction",
    "__version__",
    "extract",
    "extract_many",
    "format_intervals",
    "parse_intervals",
    "read_page",
    "to_indices",
    "to_intervals",
]
