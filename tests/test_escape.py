"""Text and inline markup that Markdown would take for something else."""

from __future__ import annotations

import pytest

from indexlm import read_page
from indexlm.assemble import to_markdown

EVERY = range(1, 1000)


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("x<b>!</b><i>y</i> z", "x!*y* z"),
        ("x<b>(a)</b><b>b</b> z", "x(a)**b** z"),
        ("a<b>.b</b><i>c</i><b>d</b>", "a.b*c*d"),
    ],
)
def test_emphasis_that_no_renderer_would_read_goes_and_what_follows_it_stays(html: str, markdown: str) -> None:
    assert to_markdown(read_page(f"<p>{html}</p>"), EVERY) == markdown
