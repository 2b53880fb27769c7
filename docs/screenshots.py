"""Draws docs/page.png and docs/page-phone.png: the page that `indexlm view` writes, in a real browser.

python docs/screenshots.py      # needs Playwright and Chromium, as tests/browser.py says
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from indexlm.serving.commands import view  # noqa: E402
from tests.browser import open_browser  # noqa: E402

SHOTS = {
    "page": (
        "news.html",
        "How many trees were planted?",
        10,
        {"viewport": {"width": 1180, "height": 760}, "color_scheme": "light"},
    ),
    "page-phone": ("docs.html", "", 9, {"viewport": {"width": 390, "height": 760}, "color_scheme": "dark"}),
}


def main() -> None:
    """Draw both."""
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        file = Path(folder) / "view.html"
        for name, (page, question, block, options) in SHOTS.items():
            view(str(ROOT / "tests/pages" / page), question or None, ["classifier", "decoder"], output=file)
            tab = browser.new_page(**options)
            tab.goto(file.as_uri())
            tab.click(f"#block-{block}")
            tab.evaluate("document.querySelector('.bar').scrollIntoView()")
            tab.screenshot(path=str(ROOT / "docs" / f"{name}.png"))


if __name__ == "__main__":
    main()
