"""Questions about a page -> answers that cite its blocks, their elements and the lines of its source.

python examples/ask_with_citations.py tests/short/ferry.html "How many passengers does it take?" "Who is the captain?"
"""

import sys
from pathlib import Path

from indexlm import Extraction, Extractor


def citations(extraction: Extraction) -> list[str]:
    """The kept blocks, each with its number, the line and element where it stands, and how sure the model is."""
    scores = extraction.prediction.scores
    lines = []
    for place in extraction.locations():
        block = extraction.page.blocks[place.index - 1]
        score = f", {scores[place.index - 1]:.2f}" if scores else ""
        lines.append(f"[{place.index}] {block.text} (line {place.line}{score}, {place.xpath})")
    return lines


def main(path: Path, questions: list[str]) -> None:
    """Print each question and what answers it."""
    html = path.read_bytes()
    extractor = Extractor("classifier")  # "decoder" works as well
    for question in questions:
        print(question)
        for line in citations(extractor.extract(html, query=question)) or ["NA: no block answers"]:
            print("   ", line)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])
