"""The text of Next.js's flight data (`self.__next_f`): React elements, written as JSON in the scripts of a page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from html import escape
from typing import Any

from indexlm.text import word_set

_PUSH = re.compile(r"self\.__next_f\.push\(\[\s*1\s*,\s*(?=\")")
_ROW = re.compile(r"(?<![0-9a-f])([0-9a-f]{1,8}+):(?:T([0-9a-f]{1,8}+),|([A-Z]*)(?=[\[{\"]))")
_REFERENCE = re.compile(r"\$[L@]?([0-9a-f]+)")
_SKIPPED = word_set("script style link meta head title svg noscript template iframe button nav footer")
_TAG = re.compile(r"[a-z][a-z0-9]*")
_VOID = ("br", "hr")
_MOST = 4_000_000  # characters that are read
_DEPTH = 100


def read_flight(scripts: Iterable[Any]) -> tuple[str, int]:
    """A page's script elements -> the HTML of the elements in their flight data, and the line of the first script."""
    pieces: list[str] = []
    line = 0
    decoder = json.JSONDecoder(strict=False)
    for script in scripts:
        text = script.text or ""
        for match in _PUSH.finditer(text) if "__next_f" in text else ():
            try:
                value, _ = decoder.raw_decode(text, match.end())
            except (ValueError, RecursionError):
                continue
            line = line or script.sourceline or 0
            pieces.append(value if isinstance(value, str) else "")
    rows = _rows("".join(pieces)[:_MOST])
    shown: set[str] = set()
    return "".join(_html(value, rows, shown, 0) for name, value in rows.items() if name not in shown), line


def _rows(data: str) -> dict[str, Any]:
    """Flight data -> its rows by number: texts, and values of JSON. Rows of modules and hints are left out."""
    rows: dict[str, Any] = {}
    place = 0
    while (match := _ROW.search(data, place)) is not None:
        if match.group(2):
            end = _end_of_bytes(data, match.end(), int(match.group(2)[:7], 16))
            rows[match.group(1)] = data[match.end() : end]
            place = end
            continue
        end = data.find("\n", match.end())
        end = len(data) if end < 0 else end
        if not match.group(3):
            with suppress(ValueError, RecursionError):
                rows[match.group(1)] = json.loads(data[match.end() : end], strict=False)
        place = max(end, match.end() + 1)
    return rows


def _end_of_bytes(data: str, start: int, size: int) -> int:
    """Where a text of so many bytes ends that begins at `start`."""
    end = min(len(data), start + size)
    if not data[start:end].isascii():
        end = start + len(data[start:end].encode("utf-8", "replace")[:size].decode("utf-8", "ignore"))
    return end


def _html(value: Any, rows: Mapping[str, Any], shown: set[str], depth: int) -> str:
    if depth > _DEPTH:
        return ""
    if isinstance(value, str):
        if (match := _REFERENCE.fullmatch(value)) is None:
            return "" if value.startswith("$") else escape(value, quote=False)
        name = match.group(1)
        if name in shown or name not in rows:
            return ""
        shown.add(name)
        return _html(rows[name], rows, shown, depth + 1)
    if isinstance(value, list):
        if len(value) >= 4 and value[0] == "$" and isinstance(value[1], str):
            return _element(value[1], value[3], rows, shown, depth)
        return "".join(_html(inner, rows, shown, depth + 1) for inner in value if isinstance(inner, (list, str)))
    return ""


def _element(tag: str, props: Any, rows: Mapping[str, Any], shown: set[str], depth: int) -> str:
    if tag in _SKIPPED or not isinstance(props, dict):
        return ""
    inner_html = props.get("dangerouslySetInnerHTML")
    if isinstance(inner_html, dict):
        raw = inner_html.get("__html")
        match = _REFERENCE.fullmatch(raw) if isinstance(raw, str) else None
        if match is not None:
            shown.add(match.group(1))
            raw = rows.get(match.group(1))
        inner = raw if isinstance(raw, str) else ""
    else:
        inner = _html(props.get("children"), rows, shown, depth + 1)
    if not _TAG.fullmatch(tag):  # a component, or a fragment
        return inner
    if tag in _VOID:
        return f"<{tag}>"
    href = props.get("href")
    opening = f'<a href="{escape(href)}">' if tag == "a" and isinstance(href, str) else f"<{tag}>"
    return f"{opening}{inner}</{tag}>" if inner else ""
