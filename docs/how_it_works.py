"""Draws docs/how-it-works.svg: how a page of tests/pages goes through the four steps. `make docs` runs it."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from pathlib import Path
from textwrap import wrap

from heads import Settings
from heads.cascade import plan
from heads.trees import load_trees
from indexlm import Extractor, format_intervals, read_page, to_intervals
from indexlm.models import shipped
from indexlm.output.markdown import to_markdown
from indexlm.prompt import marker, render

ROOT = Path(__file__).parent.parent

WIDTH, HEIGHT, TOP = 940, 446, 84
# Panels: the left edge and the width of each.
SEGMENT, RENDER, PREDICT, ASSEMBLE = (20, 128), (188, 316), (540, 186), (762, 158)
ROW = 13.0  # pixels of a block
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.card { fill: #ffffff; stroke: #d0d7de } .box { fill: #f6f8fa; stroke: #d0d7de }
.step { font-weight: 600; font-size: 15px } .note { fill: #59636e; font-size: 12px }
.mono { font: 10.5px ui-monospace, monospace } .small { font-size: 10px; fill: #59636e }
.keep { fill: #aceebb } .drop { fill: #dfe3e8 } .open { fill: #ffe58f }
.arrow { fill: none; stroke: #59636e; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .card { fill: #0d1117; stroke: #3d444d } .box { fill: #151b23; stroke: #3d444d }
.note, .small { fill: #9198a1 } .keep { fill: #1b5e2e } .drop { fill: #2f353d } .open { fill: #6b5310 }
.arrow { stroke: #9198a1 }
}
"""


def main() -> None:
    """Draw the picture beside this file."""
    html = (ROOT / "tests/pages/news.html").read_bytes()
    page = read_page(html)
    settings = Settings.read_from(shipped("classifier"))
    cascade = plan(page, load_trees(shipped("classifier") / "trees.onnx").scores, settings.skip_model_min_f1)
    prompt = render(page, settings.profile, settings.block_units, cascade.tree_scores, cascade.layout)
    kept = Extractor().extract(html).indices
    lines = [i for i, (start, stop) in enumerate(pairwise(prompt.bounds), 1) if {*range(start + 1, stop + 1)} & {*kept}]
    kinds = ["open" if keeps is None else "keep" if keeps else "drop" for keeps in prompt.fixed]
    bodies = [marker(i) + body for i, body in enumerate(prompt.bodies, 1)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'role="img" aria-label="A page is cut into blocks, blocks become lines, trees and a model choose, '
        'and the kept blocks become Markdown">',
        f"<style>{STYLE}</style>",
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="8"/>',
        *title(SEGMENT, "1 Segment", f"{len(page.blocks)} blocks"),
        *title(RENDER, "2 Render", f"{len(bodies)} lines, with tree scores s0 to s9"),
        *title(PREDICT, "3 Predict", "trees first, then a model"),
        *title(ASSEMBLE, "4 Assemble", f"blocks {', '.join(map(str, kept))}"),
        *blocks_and_lines([len(block.text) for block in page.blocks], bodies, prompt.bounds, kinds),
        *decisions(
            cascade.expected_f1 or 0.0, settings.skip_model_min_f1 or 0.0, format_intervals(to_intervals(lines))
        ),
        *document(to_markdown(page, kept)),
        *legend(),
        "</svg>",
    ]
    Path(__file__).with_name("how-it-works.svg").write_text("\n".join(parts) + "\n", "utf-8")


def title(panel: tuple[int, int], name: str, note: str) -> list[str]:
    """A panel's heading."""
    return [text(panel[0], 32, name, "step"), text(panel[0], 54, note, "note")]


def blocks_and_lines(lengths: list[int], bodies: list[str], bounds: list[int], kinds: list[str]) -> list[str]:
    """The blocks as bars, the lines as boxes, and between them which blocks a line holds."""
    parts = []
    height = ROW * len(lengths) / len(bodies)
    for i, (body, (start, stop), kind) in enumerate(zip(bodies, pairwise(bounds), kinds, strict=True)):
        y, first, last = TOP + i * height, TOP + start * ROW, TOP + stop * ROW
        right, left = SEGMENT[0] + SEGMENT[1], RENDER[0]
        corners = f"{right},{first + 1} {left},{y + 2} {left},{y + height - 2:.1f} {right},{last - 2}"
        parts.append(f'<polygon class="{kind}" opacity="0.45" points="{corners}"/>')
        parts.append(rectangle(left, y + 2, RENDER[1], height - 4, kind))
        shown = body if len(body) <= 48 else body[:47] + "…"
        parts.append(text(left + 6, y + height / 2 + 4, shown, "mono"))
        for n in range(start, stop):
            width = min(SEGMENT[1] - 24, 14 + lengths[n] / 3)
            parts.append(text(SEGMENT[0], TOP + n * ROW + 9, str(n + 1), "small"))
            parts.append(rectangle(SEGMENT[0] + 24, TOP + n * ROW + 1, width, ROW - 3, kind))
    return parts


def decisions(expected_f1: float, least: float, answer: str) -> list[str]:
    """Who decides: the trees, or a model."""
    boxes = (
        ("Trees", [f"expect F1 {expected_f1:.2f} here.", f"At {least:g} or more, no", "model reads the page."]),
        ("Classifier", ["one pass in both", "directions; a probability", "for every block"]),
        ("Decoder", ["writes intervals under", "a grammar, such as", answer]),
    )
    parts = []
    for i, (name, lines) in enumerate(boxes):
        y = TOP + i * 106
        parts.append(rectangle(PREDICT[0], y, PREDICT[1], 80, "box"))
        parts.append(text(PREDICT[0] + 10, y + 19, name, "step"))
        parts += [text(PREDICT[0] + 10, y + 38 + 17 * n, line, "note") for n, line in enumerate(lines)]
        parts.append(text(PREDICT[0] + 10, y + 97, ("otherwise one of the two:", "or", "")[i], "note"))
    middle = TOP + 40
    parts.append(arrow(RENDER[0] + RENDER[1] + 4, middle, PREDICT[0] - 4))
    parts.append(arrow(PREDICT[0] + PREDICT[1] + 4, middle, ASSEMBLE[0] - 4))
    return parts


def document(markdown: str) -> list[str]:
    """The beginning of the Markdown."""
    lines = [line for paragraph in markdown.split("\n\n") for line in [*wrap(paragraph, 22), ""]][:17]
    return [
        rectangle(ASSEMBLE[0], TOP, ASSEMBLE[1], 292, "box"),
        *(text(ASSEMBLE[0] + 8, TOP + 20 + 16.5 * n, line, "mono") for n, line in enumerate([*lines[:16], "…"])),
    ]


def legend() -> list[str]:
    """What the colours mean."""
    parts, x = [], SEGMENT[0]
    for kind, meaning, width in (
        ("drop", "fixed by the trees: dropped (s0)", 252),
        ("keep", "fixed by the trees: kept (s9)", 236),
        ("open", "open: a model decides, if one reads the page", 0),
    ):
        parts += [rectangle(x, HEIGHT - 42, 16, 16, kind), text(x + 24, HEIGHT - 29, meaning, "note")]
        x += width
    return parts


def text(x: float, y: float, content: str, kind: str) -> str:
    """A line of text."""
    return f'<text class="{kind}" x="{x:g}" y="{y:.1f}">{escape(content)}</text>'


def rectangle(x: float, y: float, width: float, height: float, kind: str) -> str:
    """A box with round corners."""
    return f'<rect class="{kind}" x="{x:g}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="3"/>'


def arrow(x: float, y: float, end: float) -> str:
    """An arrow to the right."""
    return f'<path class="arrow" d="M{x:g} {y:g}H{end:g}m-6 -4l6 4l-6 4"/>'


if __name__ == "__main__":
    main()
