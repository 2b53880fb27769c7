"""Haystack: a pipeline whose converter keeps what answers a question; without one, it keeps main content.

python examples/with_haystack.py tests/short/ferry.html "When does the last boat leave on Sunday?"
"""

import sys
from pathlib import Path

from haystack import Pipeline

from indexlm.integrations.haystack import IndexLMConverter


def main(path: Path, question: str) -> None:
    """Print the answer of a page with the lines of its source."""
    pipeline = Pipeline()
    pipeline.add_component("pages", IndexLMConverter())
    result = pipeline.run({"pages": {"sources": [path], "query": question}})
    for document in result["pages"]["documents"]:
        for citation in document.meta["citations"]:
            print(f"line {citation['line']}: {citation['text']}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2])
