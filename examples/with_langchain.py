"""LangChain: HTML documents -> main content, and retrieved documents -> what answers a question.

python examples/with_langchain.py tests/short/ferry.html "When does the last boat leave on Sunday?"
"""

import sys
from pathlib import Path

from langchain_core.documents import Document

from indexlm.integrations.langchain import AnswerCompressor, MainContentTransformer


def main(path: Path, question: str) -> None:
    """Print the main content of a page, and its answer with the lines of its source."""
    documents = [Document(page_content=path.read_text("utf-8"), metadata={"source": str(path)})]
    for document in MainContentTransformer().transform_documents(documents):
        print(document.page_content, document.metadata, sep="\n")
    for document in AnswerCompressor().compress_documents(documents, question):
        for citation in document.metadata["citations"]:
            print(f"line {citation['line']}: {citation['text']}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2])
