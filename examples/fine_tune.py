"""Ten labelled pages -> a fine-tuned classifier and a fine-tuned decoder, in a minute on a CPU (extra `train`).

python examples/fine_tune.py runs/ten-pages
"""

import json
import sys
from pathlib import Path

from indexlm import Extractor, format_intervals, read_page, to_indices
from indexlm.html.decode import decode
from indexlm.models import shipped
from indexlm.output.text import to_text
from train.classifier import train_classifier
from train.data.build import Options, build_dataset
from train.data.sources import parse_source
from train.decoder import train_decoder
from train.recipe import Recipe

TESTS = Path(__file__).parent.parent / "tests"
# The blocks of each page that are its main content. `indexlm blocks PAGE` shows their numbers.
LABELS = {
    "pages/news.html": [(7, 11), (14, 17)],
    "pages/docs.html": [(8, 25)],
    "pages/forum.html": [(4, 16)],
    "pages/product.html": [(4, 9), (11, 14)],
    "pages/listing.html": [(4, 13)],
    "pages/table.html": [(3, 15)],
    "pages/code.html": [(2, 8)],
    "pages/chinese.html": [(2, 2), (4, 6)],
    "pages/rtl.html": [(4, 7)],
    "short/notice.html": [(1, 5)],
}


def write_rows(path: Path) -> None:
    """The labelled pages as rows of main content: HTML, the text to keep, and where the page is from."""
    with path.open("w", encoding="utf-8") as file:
        for name, intervals in LABELS.items():
            html = decode((TESTS / name).read_bytes())
            row = {"id": name, "html": html, "gold_text": to_text(read_page(html), to_indices(intervals))}
            row |= {"url": f"https://{Path(name).stem}.example/", "source": "examples", "license": "Apache-2.0"}
            file.write(json.dumps(row) + "\n")


def main(out: Path, steps: int = 10) -> None:
    """Build the data set, continue the training of both shipped models on it, and use the checkpoints."""
    out.mkdir(parents=True, exist_ok=True)
    write_rows(out / "pages.jsonl")
    build_dataset([parse_source(str(out / "pages.jsonl"))], out / "data", Options(profile="structural", eval_share=0))
    for head, train in (("classifier", train_classifier), ("decoder", train_decoder)):
        recipe = Recipe(
            model=str(shipped(head)),
            data=str(out / "data/train.parquet"),
            out=str(out / head),
            held_out=0,
            max_tokens=1024,
            checkpointing=False,
            steps=steps,
            batch=1,
            learning_rate=2e-4,
            precision="fp32",
        )
        train(recipe)
        extraction = Extractor(head, model=recipe.out).extract((TESTS / "pages/product.html").read_bytes())
        print(f"{recipe.out} keeps blocks {format_intervals(extraction.intervals)} of the product page")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
