"""Draws docs/choosing.svg: from what a workload needs to a mode. `make docs` runs it."""

from __future__ import annotations

from pathlib import Path

from how_it_works import STYLE, rectangle, text

WIDTH, HEIGHT = 940, 430
BOX = (196, 64)
# Questions: centre, top, lines. Answers likewise, with a title.
QUESTIONS = {
    "asks": (300, 24, ("Are questions asked", "about the page?")),
    "kinds": (150, 138, ("Mostly product pages, or", "comments and categories?")),
    "time": (250, 252, ("Does time or cost count", "more than 0.01 of F1?")),
    "many": (640, 138, ("Many questions a page, and", "a decoder of your own?")),
    "generative": (740, 252, ("A fine-tuned generative", "Qwen3, to be used as it is?")),
}
ANSWERS = {
    "tool": (106, 360, "trafilatura", "none of ours"),
    "trees": (250, 360, "trees", "the fastest"),
    "classifier": (420, 360, "classifier", "the default"),
    "query-last": (565, 360, "decoder", "with --query-last"),
    "decoder": (708, 360, "decoder", "with --model"),
    "default": (851, 360, "classifier", "probabilities, NA"),
}
EDGES = (
    ("asks", "kinds", "no"),
    ("asks", "many", "yes"),
    ("kinds", "tool", "yes"),
    ("kinds", "time", "no"),
    ("time", "trees", "yes"),
    ("time", "classifier", "no"),
    ("many", "query-last", "yes"),
    ("many", "generative", "no"),
    ("generative", "decoder", "yes"),
    ("generative", "default", "no"),
)


def main() -> None:
    """Draw the picture beside this file."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'role="img" aria-label="A decision tree from what a workload needs to a mode">',
        f"<style>{STYLE} text {{ text-anchor: middle }}</style>",
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="8"/>',
    ]
    places = {name: box[:2] for name, box in (QUESTIONS | ANSWERS).items()}
    for start, end, word in EDGES:
        (x, y), (x2, y2) = places[start], places[end]
        y += BOX[1]
        parts.append(f'<path class="arrow" d="M{x} {y}L{x2} {y2}"/>')
        parts.append(text((x + x2) / 2 + (20 if x2 >= x else -20), (y + y2) / 2 + 2, word, "note"))
    for x, y, lines in QUESTIONS.values():
        parts.append(rectangle(x - BOX[0] / 2, y, *BOX, "box"))
        parts += [text(x, y + 27 + 19 * n, line, "") for n, line in enumerate(lines)]
    for x, y, title, note in ANSWERS.values():
        parts.append(rectangle(x - 62, y, 124, 50, "keep" if title != "trafilatura" else "open"))
        parts += [text(x, y + 21, title, "step"), text(x, y + 39, note, "note")]
    Path(__file__).with_name("choosing.svg").write_text("\n".join([*parts, "</svg>"]) + "\n", "utf-8")


if __name__ == "__main__":
    main()
