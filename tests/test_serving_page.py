"""The page in a real browser: served, and as a file. Skipped where there is no browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from indexlm import extract
from tests.conftest import ROOT, golden_html
from tests.services import Access, Limits, Running, running, until

NEWS = golden_html("news").decode()
FERRY = ROOT / "tests/short/ferry.html"
QUESTION = "When does the last boat leave on Sunday?"
EVIL = (
    "<title><script>window.evil = 1</script>Evil</title>"
    '<p onclick="window.evil = 2">Click <img src="http://127.0.0.1:9/x.png" onerror="window.evil = 3"> here.</p>'
    "<script>window.evil = 4</script><p>&lt;script&gt;window.evil = 5&lt;/script&gt;</p>"
    "<p>&lt;img src=x onerror=window.evil=6&gt; &lt;/script&gt;&lt;!-- </p>"
    '<a href="javascript:window.evil = 7">A link.</a>'
)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    limits = Limits(workers=1, timeout=60)
    with running(limits, Access(hosts=("127.0.0.1",)), ("classifier", "decoder", "trees")) as server:
        yield server


class Tab:
    """A tab, what it wrote to the console, and the addresses that it asked for."""

    def __init__(self, browser: Any, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.asked: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.page.on("request", lambda request: self.asked.append(request.url))

    def kept(self) -> list[int]:
        return [int(row.removeprefix("block-")) for row in self.page.eval_on_selector_all("li.kept", _IDS)]

    def show(self, html: str, query: str = "") -> None:
        self.page.fill("#page", html)
        self.page.fill("#query", query)
        with self.page.expect_response("**/v1/blocks*"):
            self.page.click("#go")
        until(lambda: self.page.is_enabled("#go"))


_IDS = "rows => rows.map(row => row.id)"


@pytest.fixture
def tab(browser: Any, server: Running) -> Iterator[Tab]:
    """The served page; nothing may fail in it, and nobody else is asked."""
    tab = Tab(browser, permissions=["clipboard-read", "clipboard-write"])
    address = f"http://127.0.0.1:{server.port}/"
    tab.page.goto(address)
    yield tab
    tab.context.close()
    assert tab.errors == []
    assert all(asked.startswith((address, "data:")) for asked in tab.asked)


def test_a_page_goes_in_and_its_blocks_come_out(tab: Tab) -> None:
    tab.show(NEWS)
    expected = extract(NEWS)
    assert tab.page.locator("#blocks li").count() == len(expected.page.blocks)
    assert tab.kept() == list(expected.indices)
    texts = tab.page.eval_on_selector_all("#blocks .text", "rows => rows.map(row => row.textContent)")
    assert texts == [block.text for block in expected.page.blocks]
    for head in ("trees", "decoder"):
        tab.page.check(f"input[value={head}]")
        assert tab.kept() == list(extract(NEWS, head=head).indices)
    assert {"classifier", "decoder", "trees"} <= set(tab.page.inner_text("#times").replace(":", " ").split())
    assert tab.page.locator("#times .stack > span").count() >= 6


def test_the_slider_acts_without_the_server(tab: Tab) -> None:
    tab.show(NEWS)
    asked = len(tab.asked)
    tab.page.evaluate("slide(100)")
    few = tab.kept()
    tab.page.fill("#threshold", "0")
    assert tab.kept() == list(range(1, len(extract(NEWS).page.blocks) + 1))
    tab.page.fill("#threshold", "50")
    scores = extract(NEWS).prediction.scores or ()
    assert tab.kept() == [i for i, score in enumerate(scores, 1) if round(score, 4) >= 0.5]
    assert set(few) <= set(tab.kept())
    assert "precision" in tab.page.inner_text("#count")
    tab.page.check("#own")
    assert tab.kept() == list(extract(NEWS).indices)
    assert len(tab.asked) == asked


def test_a_question_is_answered_and_a_block_says_where_it_stands(tab: Tab) -> None:
    tab.show(FERRY.read_text("utf-8"), QUESTION)
    kept = tab.kept()
    texts = [tab.page.inner_text(f"#block-{i} .text") for i in kept]
    row = next(i for i, text in zip(kept, texts, strict=True) if "18:20" in text)
    tab.page.click(f"#block-{row} .text")
    block = extract(FERRY).page.blocks[row - 1]
    detail = tab.page.inner_text("#detail")
    assert f"source line\n{block.line}" in detail
    assert " › ".join(block.path) in detail
    assert "trees: " in tab.page.inner_text("#warnings"), "the trees answer no questions, and say so"


def test_markdown_is_copied(tab: Tab) -> None:
    tab.show(NEWS)
    tab.page.click("#copy")
    until(lambda: tab.page.evaluate("navigator.clipboard.readText()") == extract(NEWS).markdown)
    tab.show("<article><ul><li>One<ul><li>Two</ul></ul><table><tr><th>A<th>B<tr><td>1<td>2</table></article>")
    tab.page.fill("#threshold", "0")
    expected = "- One\n   - Two\n\n| A | B |\n| --- | --- |\n| 1 | 2 |"
    assert tab.page.evaluate("markdown()") == expected


def test_all_works_by_keyboard(tab: Tab) -> None:
    tab.page.focus("#page")
    tab.page.keyboard.insert_text(NEWS)
    with tab.page.expect_response("**/v1/blocks*"):
        tab.page.keyboard.press("Control+Enter")
    tab.page.wait_for_selector("#blocks li")
    tab.page.focus("#blocks")
    tab.page.keyboard.press("]")
    first = extract(NEWS).indices[0]
    assert f"Block {first}" in tab.page.inner_text("#detail")
    tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("ArrowUp")
    assert tab.page.get_attribute(f"#block-{first}", "aria-selected") == "true"
    tab.page.keyboard.press("k")
    assert not tab.page.is_visible("#block-1")
    tab.page.keyboard.press("-")
    assert not tab.page.is_checked("#own")
    tab.page.keyboard.press("3")
    assert tab.page.is_checked("input[value=trees]")
    tab.page.keyboard.press("/")
    assert tab.page.evaluate("document.activeElement.id") == "query"


def test_a_hostile_page_neither_runs_nor_freezes(tab: Tab) -> None:
    tab.page.evaluate("settings.heads = ['trees']")
    tab.show(EVIL + "".join(f"<p>Block {i} &lt;b onclick=evil()&gt; of many.</p>" for i in range(5000)))
    assert tab.page.locator("#blocks li").count() > 5000
    tab.page.click("#block-2")
    tab.page.fill("#threshold", "0")
    assert len(tab.kept()) > 5000
    tab.page.keyboard.press("End")
    assert tab.page.evaluate("window.evil") is None
    assert tab.page.locator("#blocks img, #blocks a, #blocks script").count() == 0


def test_what_goes_wrong_is_said(tab: Tab) -> None:
    tab.show("https://example.org/page")
    assert "fetches none" in tab.page.inner_text("#problem")
    tab.errors = [error for error in tab.errors if "403" not in error]  # the browser names the status itself


def test_a_file_keeps_its_encoding(tab: Tab, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes('<meta charset="iso-8859-1"><p>Größe und Höhe.</p>'.encode("latin-1"))
    tab.page.set_input_files("#file", path)
    tab.page.click("#go")
    tab.page.wait_for_selector("#blocks li")
    assert tab.page.inner_text("#block-1 .text") == "Größe und Höhe."


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_in_both_colours(browser: Any, server: Running, scheme: str) -> None:
    tab = Tab(browser, viewport={"width": 360, "height": 700}, color_scheme=scheme)
    tab.page.goto(f"http://127.0.0.1:{server.port}/")
    tab.show(NEWS)
    tab.page.click("#block-10")
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert tab.page.is_visible("#detail .close")
    red = int(tab.page.evaluate("getComputedStyle(document.body).backgroundColor").split("(")[1].split(",")[0])
    assert red > 200 if scheme == "light" else red < 60
    tab.page.click("#detail .close")
    assert not tab.page.is_visible("#detail")
    tab.context.close()


def view(*arguments: object) -> None:
    from cli import app

    result = CliRunner().invoke(app, ["view", *map(str, arguments)])
    assert result.exit_code == 0, result.output


def test_a_file_shows_a_page_and_asks_nobody(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "evil.html").write_text(EVIL + NEWS, "utf-8")
    view(tmp_path / "evil.html", "--head", "classifier", "--head", "trees", "--output", tmp_path / "view.html")
    tab = Tab(browser)
    tab.page.goto((tmp_path / "view.html").as_uri())
    expected = extract(EVIL + NEWS)
    assert tab.page.locator("#blocks li").count() == len(expected.page.blocks)
    assert tab.kept() == list(expected.indices)
    assert not tab.page.is_visible("#ask")
    tab.page.fill("#threshold", "0")
    assert len(tab.kept()) == len(expected.page.blocks)
    assert tab.page.evaluate("window.evil") is None
    assert [address for address in tab.asked if not address.startswith("data:")] == [(tmp_path / "view.html").as_uri()]
    tab.context.close()
    assert tab.errors == []


def test_a_page_cannot_end_the_data_of_the_file(tmp_path: Path) -> None:
    """Without a browser."""
    (tmp_path / "evil.html").write_text("<p>&lt;/script>&lt;script>evil()&lt;/script>&lt;!--</p>", "utf-8")
    view(tmp_path / "evil.html", "--head", "trees", "--output", tmp_path / "view.html")
    html = (tmp_path / "view.html").read_text("utf-8")
    assert "<script>evil" not in html
    assert html.count("<script") == html.count("</script>") == 3
