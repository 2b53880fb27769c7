"""datatrove: a WARC file -> pages of one language -> their main content -> Parquet.

python examples/warc_to_parquet.py crawl.warc.gz out/
"""

import sys
from pathlib import Path

import pyarrow as pa
from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.filters import LambdaFilter
from datatrove.pipeline.writers import ParquetWriter

from indexlm import Extractor
from indexlm.integrations.datatrove import CrawlReader, MainContentStep

COLUMNS = {"text": pa.string(), "id": pa.string(), "url": pa.string(), "title": pa.string()}
SCHEMA = pa.schema([*COLUMNS.items(), ("expected_f1", pa.float64()), ("decided_by", pa.string())])


def is_english(document: Document) -> bool:
    """Whether a page says that it is: a filter before the extraction, which takes most of the time."""
    return '<html lang="en' in document.text[:2000]


def is_sure(document: Document) -> bool:
    """Whether the expected F1 of a page's content is high enough."""
    return document.metadata.get("expected_f1", 0) >= 0.6


def main(crawl: Path, out: Path) -> None:
    """Run the pipeline in one task; with more, they share the files."""
    steps = [
        CrawlReader([str(crawl)]),
        LambdaFilter(is_english),
        MainContentStep(Extractor("trees", threads=1), title=True),
        LambdaFilter(is_sure),
        ParquetWriter(str(out / "rows"), expand_metadata=True, schema=SCHEMA),
    ]
    LocalPipelineExecutor(steps, tasks=1, logging_dir=str(out / "logs")).run()


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
