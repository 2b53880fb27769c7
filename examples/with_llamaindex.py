"""LlamaIndex: files or addresses -> documents, and retrieved nodes -> what answers a question.

python examples/with_llamaindex.py tests/short/ferry.html "When does the last boat leave on Sunday?"
"""

import sys
from pathlib import Path

from llama_index.core.schema import NodeWithScore, TextNode

from indexlm.integrations.llamaindex import AnswerPostprocessor, MainContentReader


def main(path: Path, question: str) -> None:
    """Print the main content of a page, and what answers a question in the page as it was."""
    for document in MainContentReader().load_data([path]):
        print(document.text, document.metadata, sep="\n")
    retrieved = [NodeWithScore(node=TextNode(text=path.read_text("utf-8")), score=1.0)]
    for node in AnswerPostprocessor().postprocess_nodes(retrieved, query_str=question):
        for citation in node.metadata["citations"]:
            print(f"line {citation['line']}: {citation['text']}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2])
