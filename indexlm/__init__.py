"""IndexLM: a web page in, the blocks that matter out."""

from indexlm.extraction import Extraction
from indexlm.extractor import Extractor, extract, extract_many
from indexlm.html.locate import Location, locate
from indexlm.html.read import read_page
from indexlm.intervals import Interval, format_intervals, parse_intervals, to_indices, to_intervals
from indexlm.metadata import Metadata, MetadataValue
from indexlm.output.chunks import Chunk, to_chunks
from indexlm.page import Block, IndexLMError, Page, Prediction
from indexlm.sources import load

__version__ = "0.25.0"

__all__ = [
    "Block",
    "Chunk",
    "Extraction",
    "Extractor",
    "IndexLMError",
    "Interval",
    "Location",
    "Metadata",
    "MetadataValue",
    "Page",
    "Prediction",
    "__version__",
    "extract",
    "extract_many",
    "format_intervals",
    "load",
    "locate",
    "parse_intervals",
    "read_page",
    "to_chunks",
    "to_indices",
    "to_intervals",
]
