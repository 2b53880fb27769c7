"""CSV and JSON to HTML: tables, and what is named as named."""

from __future__ import annotations

import csv
import io
import json
import re
from html import escape, unescape
from itertools import islice
from typing import Any

from indexlm.inputs.document import Document, as_html
from indexlm.inputs.rich_text import document, is_document
from indexlm.inputs.text import markdown_to_html, text_to_html
from indexlm.inputs.xml import fragment
from indexlm.patterns import late

_DELIMITERS = ",;\t|"
_STATED = late(r"sep=(.)\r?\n")  # the first line of a file for Excel
_QUOTED = late(r'^"(?:[^"]|"")*","', re.MULTILINE)  # a row whose fields are quoted
_NUMBER = late(r"[-+]?[\d.,:/ %€$£-]*\d[\d.,:/ %€$£-]*")
_MARKUP = late(r"</?(?:p|br|div|h[1-6]|ul|ol|li|a|b|i|em|strong|span|img|table)\b[^<>]*>", re.IGNORECASE)
_ENTITY = late(r"&(?:#\d{2,6}|#x[0-9a-fA-F]{2,5}|amp|lt|gt|quot|nbsp|[lr][sd]quo|hellip|[mn]dash);")
_DEPTH = 40
_MOST_FIELDS = 200
_ROWS = 50
_MOST_OUTPUT = 20_000  # characters of what a cell of a notebook wrote
_COLOURS = late(r"\x1b\[[0-9;]*m")
_LONG = 300  # characters of a value that is no cell of a table


def find_delimiter(text: str, suffix: str) -> str:
    """CSV text -> what parts its fields; nothing for no table. Without a suffix, rows of one width tell it."""
    if stated := _STATED.match(text):
        return stated[1]
    if suffix == ".tsv":
        return "\t"
    sample = text[: 1 << 16].splitlines(keepends=True)[:_ROWS]
    best, most = "", 1
    for delimiter in _DELIMITERS:
        rows = _rows("".join(sample), delimiter)
        rows = rows[:-1] if len(sample) == _ROWS else rows  # the last one may be cut
        widths = [len(row) for row in rows if any(row)]
        if suffix == ".csv":
            width = max(set(widths), key=widths.count, default=0)
            fits = widths.count(width) * 2 > len(widths)
        else:
            cells = [cell for row in rows for cell in row]
            width = widths[0] if widths else 0
            fits = len(widths) > 2 and len(set(widths)) == 1
            fits = fits and (width > 2 or delimiter in "\t;" or _is_of_pairs([row for row in rows if any(row)], text))
            fits = fits and sum(map(len, cells)) < 25 * len(cells) and all(cells[:width])
        if fits and width > most:
            best, most = delimiter, width
    return best or ("," if suffix == ".csv" else "")


def _is_of_pairs(rows: list[list[str]], text: str) -> bool:
    """Whether rows of two fields are a table: a header of words, numbers below one of them, no space after commas."""
    if len(rows[0]) == 2 and _QUOTED.search(text):
        return True
    if len(rows[0]) != 2 or ", " in text or any(map(_NUMBER.fullmatch, rows[0])):
        return False
    return any(all(_NUMBER.fullmatch(row[i]) for row in rows[1:]) for i in range(2))


def _rows(text: str, delimiter: str) -> list[list[str]]:
    lines = io.StringIO(text, newline="")
    limit = csv.field_size_limit(len(text) + 1)
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter)]
    except csv.Error:
        return []
    finally:
        csv.field_size_limit(limit)


def read_csv(text: str, delimiter: str) -> Document:
    """CSV -> a table. Its first row is the header where all of its cells are filled and none is a number."""
    stated = _STATED.match(text)
    rows = [row for row in _rows(text[stated.end() if stated else 0 :].replace("\0", " "), delimiter) if any(row)]
    if not rows:
        return Document(as_html(text_to_html(text)), whole=True)
    width = max(map(len, rows))
    if width == 1:
        return Document(as_html("\n".join(f"<p>{escape(row[0])}</p>" for row in rows)), whole=True)
    is_header = len(rows) > 1 and all(rows[0]) and not any(map(_NUMBER.fullmatch, rows[0]))
    out = [_row(rows[0], "th" if is_header else "td", width), *(_row(row, "td", width) for row in rows[1:])]
    return Document(as_html(f"<table>{chr(10).join(out)}</table>"), whole=True)


def _row(cells: list[str], tag: str, width: int) -> str:
    filled = [*cells, *[""] * (width - len(cells))]
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in filled)}</tr>"


def parse_json(text: str) -> Any:
    """Text -> the JSON object or list that it is, or the list of its lines (JSON Lines); None where it is neither."""
    text = text.strip().removeprefix("\ufeff")
    if text[:1] not in ("{", "["):
        return None
    try:
        value = json.loads(text, strict=False)
    except RecursionError:
        return None
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        try:
            value = [json.loads(line, strict=False) for line in lines] if len(lines) > 1 else None
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, (dict, list)) else None


def read_json(value: Any) -> Document:
    """JSON -> a page: JSON Feed and notebooks as such; else fields by their names, lists of like objects as tables."""
    if isinstance(value, dict):
        if "jsonfeed.org" in str(value.get("version", "")):
            return _read_feed(value)
        if isinstance(value.get("cells"), list) and "nbformat" in value:
            return _read_notebook(value)
    if is_document(value):
        return Document(as_html(document(value)), whole=True)
    titles = (value.get(key) for key in ("title", "headline", "name")) if isinstance(value, dict) else ()
    return Document(as_html(_value(value, 0), next((t for t in titles if isinstance(t, str)), "")), whole=True)


def _value(value: Any, depth: int) -> str:
    if depth > _DEPTH:
        return f"<p>{_inline(value)}</p>"
    if isinstance(value, dict):
        return "".join(_field(str(key), inner, depth) for key, inner in value.items())
    if not isinstance(value, list):
        return _text(value)
    if table := _table(value):
        return table
    if value and not any(isinstance(inner, (dict, list)) for inner in value):
        return f"<ul>{''.join(f'<li>{_inline(inner)}</li>' for inner in value)}</ul>"
    return "\n".join(f"<section>{_value(inner, depth + 1)}</section>" for inner in value)


def _table(values: list[Any]) -> str:
    """A list of like objects whose values are short -> a table; another list -> nothing."""
    if len(values) < 2 or not all(isinstance(value, dict) and _is_flat(value) for value in values):
        return ""
    keys = [*dict.fromkeys(key for value in values for key in value)]
    if not 1 < len(keys) <= _MOST_FIELDS or any(len(_plain(v)) > _LONG for value in values for v in value.values()):
        return ""
    rows = [_row([_plain(value.get(key)) for key in keys], "td", len(keys)) for value in values]
    return f"<table>{_row([str(key) for key in keys], 'th', len(keys))}{chr(10).join(rows)}</table>"


def _is_flat(value: dict[str, Any]) -> bool:
    return len(value) <= _MOST_FIELDS and not any(isinstance(inner, (dict, list)) for inner in value.values())


def _field(key: str, value: Any, depth: int) -> str:
    name = escape(key, quote=False)
    if isinstance(value, (dict, list)):
        return f"<h{min(6, depth + 2)}>{name}</h{min(6, depth + 2)}>{_value(value, depth + 1)}" if value else ""
    if isinstance(value, str) and (_MARKUP.search(value) or "\n" in value.strip()):
        return f"<p><strong>{name}</strong></p>{_text(value)}"
    return f"<p><strong>{name}</strong>: {_inline(value)}</p>"


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _inline(value: Any) -> str:
    text = _plain(value)
    return escape(unescape(text) if _ENTITY.search(text) else text, quote=False)


def _text(value: Any) -> str:
    """A value -> its paragraphs; a text that is HTML is read as such."""
    text = _plain(value)
    return fragment(text) if _MARKUP.search(text) else text_to_html(text).replace("\n\n", "\n")


def _read_feed(feed: dict[str, Any]) -> Document:
    title = _plain(feed.get("title"))
    out = [f"<h1>{escape(title)}</h1>", f"<p>{_inline(feed.get('description'))}</p>"]
    for item in islice((item for item in feed.get("items") or () if isinstance(item, dict)), 100_000):
        link, name = _plain(item.get("url")), _inline(item.get("title") or item.get("url"))
        out.append(f'<article><h2><a href="{escape(link)}">{name}</a></h2>' if link else f"<article><h2>{name}</h2>")
        out.append(f"<p>{_inline(item.get('date_published'))}</p>")
        content = item.get("content_html") or item.get("content_text") or item.get("summary")
        out.append(_text(content) + "</article>")
    link = _plain(feed.get("home_page_url"))
    return Document(as_html("".join(out), title, _plain(feed.get("language")), link), url=link, whole=True)


def _read_notebook(notebook: dict[str, Any]) -> Document:
    """A Jupyter notebook -> its text and code, and what the code wrote."""
    metadata = notebook.get("metadata")
    info = metadata.get("language_info") if isinstance(metadata, dict) else None
    language = escape(_plain(info.get("name"))) if isinstance(info, dict) else ""
    out = []
    for cell in notebook["cells"]:
        cell = cell if isinstance(cell, dict) else {}
        text = _lines(cell.get("source"))
        if cell.get("cell_type") != "code":
            out.append(markdown_to_html(text))
            continue
        out.append(f'<pre><code class="language-{language}">{escape(text)}</code></pre>')
        outputs = cell.get("outputs")
        out += [
            _output(output) for output in (outputs if isinstance(outputs, list) else ()) if isinstance(output, dict)
        ]
    return Document(as_html("\n".join(out)), whole=True)


def _lines(value: Any) -> str:
    """A text of a notebook, which may be written as its lines."""
    return "".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _output(output: dict[str, Any]) -> str:
    """What a cell of a notebook wrote -> its HTML: a table or other markup, or else its text; nothing for a picture."""
    data = output.get("data")
    data = data if isinstance(data, dict) else {}
    if html := _lines(data.get("text/html")):
        return fragment(html) if len(html) <= _MOST_OUTPUT else ""
    if markdown := _lines(data.get("text/markdown")):
        return markdown_to_html(markdown[:_MOST_OUTPUT])
    is_picture = any(str(kind).startswith("image/") for kind in data)
    text = _lines(output.get("text")) or ("" if is_picture else _lines(data.get("text/plain")))
    text = _COLOURS.sub("", text[:_MOST_OUTPUT]).strip("\n")
    return f"<pre>{escape(text)}</pre>" if text.strip() else ""
