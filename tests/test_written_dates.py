"""Dates in the months, eras and orders of other languages."""

from __future__ import annotations

import pytest

from indexlm.html.metadata.describe import describe
from indexlm.html.metadata.written_dates import written_date


@pytest.mark.parametrize(
    "text",
    [
        "令和8年5月3日",
        "令和８年５月３日（日）",
        "2026. május 3., vasárnap",
        "2026 m. gegužės 3 d.",
        "3 Mayıs 2026 Pazar",
        "3. května 2026",
        "3. mája 2026",
        "3. toukokuuta 2026",
        "3 травня 2026",
        "3 май 2026",
        "3 de maig de 2026",
        "den 3 maj 2026",
    ],
)
def test_days_of_other_languages(text: str) -> None:
    assert written_date(text) == "2026-05-03"


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("平成31年4月1日", "2019-04-01"),
        ("令和元年10月22日", "2019-10-22"),
        ("昭和64年1月7日", "1989-01-07"),
        ("le 1er mai 2026", "2026-05-01"),
        ("1º de maio de 2026", "2026-05-01"),
        ("令和8年13月3日", ""),
    ],
)
def test_eras_and_first_days(text: str, date: str) -> None:
    assert written_date(text) == date


def test_metadata_has_days_where_the_year_stands_first() -> None:
    html = "<meta property='article:published_time' content='2026. május 3. 10:15'><p>更新日：令和8年5月4日</p>"
    metadata = describe(f"<body>{html}")
    assert metadata.published is not None
    assert metadata.modified is not None
    assert (metadata.published.value, metadata.modified.value) == ("2026-05-03", "2026-05-04")
