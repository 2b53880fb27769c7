"""A folder of HTML files -> a JSONL file, one object a page.

python examples/extract_folder.py saved/ pages.jsonl
"""

import json
import sys
from pathlib import Path

from indexlm import Extractor


def main(folder: Path, out: Path) -> None:
    """Extract every page, two at a time and at most ten seconds each, in the order of their names."""
    paths = sorted(folder.rglob("*.html"))
    results = Extractor().extract_many((path.read_bytes() for path in paths), workers=2, timeout=10)
    with out.open("w", encoding="utf-8") as file:
        for path, result in zip(paths, results, strict=True):
            row = {"file": str(path)}
            if isinstance(result, Exception):
                row["error"] = str(result)  # the other pages are not affected
            else:
                row |= {"title": result.page.title, "markdown": result.markdown}
                row |= {"decided_by": result.prediction.decided_by, "expected_f1": result.prediction.expected_f1}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":  # worker processes import this file
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
