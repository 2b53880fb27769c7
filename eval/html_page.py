"""What reports are made of as HTML pages without outside resources: tables, and templates with their data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any


def to_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns and rows -> a table."""
    body = "".join(_row(row, "td") for row in rows)
    return f"<table><thead>{_row(columns, 'th')}</thead><tbody>{body}</tbody></table>"


def _row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def fill(package: str, template: str, parts: Mapping[str, str], data: Any) -> str:
    """A template of a package, with `{{name}}` for each part -> the page; `{{data}}` is JSON for its script."""
    payload = json.dumps(data, ensure_ascii=False)
    # A page's text cannot end the script or its string.
    payload = payload.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    all_parts = {**parts, "data": payload}
    text = files(package).joinpath(template).read_text("utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: all_parts[match[1]], text)
