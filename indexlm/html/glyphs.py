"""Formulas of which a page has nothing but the glyphs: KaTeX and MathJax without MathML -> TeX."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from unicodedata import normalize

_TOP = re.compile(r"top\s*:\s*(-?[\d.]+)em")
_HEX = re.compile(r"mjx-c([0-9A-F]{2,5})(?:\s|$)")
_RAISED = -2.8  # em; where KaTeX puts what stands lower, it is an index
_EMPTY = frozenset(["strut", "pstrut", "vlist-s", "frac-line", "nulldelimiter", "svg-align", "hide-tail"])
_NAMES = {"∑": r"\sum ", "∫": r"\int ", "∏": r"\prod ", "∞": r"\infty ", "√": "", "−": "-"}
_MOST_DEPTH = 60


def glyph_tex(top: Any) -> str:
    """The element of a formula -> TeX of its glyphs; empty where it has none."""
    html = next((e for e in top.iter("span") if "katex-html" in (e.get("class") or "")), None)
    tex = _katex(html, 0) if html is not None else _mathjax(top, 0)
    return " ".join(tex.split())


def _words(element: Any) -> frozenset[str]:
    return frozenset((element.get("class") or "").split())


def _braced(tex: str) -> str:
    tex = tex.strip()
    return f"{{{tex}}}"


def _text(text: str | None) -> str:
    return "".join(_NAMES.get(sign, sign) for sign in normalize("NFKC", text or "") if sign not in "\u200b\u2061\u2062")


def _katex(element: Any, depth: int) -> str:
    if depth > _MOST_DEPTH:
        return ""
    words = _words(element)
    if not words.isdisjoint(_EMPTY - {"svg-align"}) or element.tag == "svg":
        return ""
    if "mfrac" in words:
        rows = sorted(_rows(element), key=lambda row: row[0])
        parts = [tex for _, row in rows if (tex := _katex(row, depth + 1).strip())]
        return rf"\frac{_braced(parts[0])}{_braced(parts[-1])}" if len(parts) == 2 else " ".join(parts)
    if "msupsub" in words:
        return "".join(
            f"{'^' if top < _RAISED else '_'}{_braced(tex)}"
            for top, row in sorted(_rows(element), key=lambda row: -row[0])
            if (tex := _katex(row, depth + 1).strip())
        )
    inner = _inner(element, depth, _katex)
    if "sqrt" in words:
        return rf"\sqrt{_braced(inner)}"
    if "mspace" in words:
        return " "
    return f" {inner} " if words & {"mrel", "mbin"} else rf"\{inner} " if "mop" in words and inner.isalpha() else inner


def _rows(element: Any) -> Iterable[tuple[float, Any]]:
    """The rows of KaTeX's innermost list, each with its place in em."""
    rows = next((e for e in element.iter("span") if "vlist" in _words(e)), None)
    for row in () if rows is None else rows:
        if row.tag == "span" and (match := _TOP.search(row.get("style") or "")):
            yield float(match.group(1)), row


def _inner(element: Any, depth: int, read: Any) -> str:
    return _text(element.text) + "".join(read(child, depth + 1) + _text(child.tail) for child in element)


def _mathjax(element: Any, depth: int) -> str:
    """MathJax 3 and 4 (`mjx-c` elements whose class is the character) -> TeX."""
    tag = element.tag
    if depth > _MOST_DEPTH or not isinstance(tag, str) or tag in ("mjx-assistive-mml", "mjx-surd", "mjx-line"):
        return ""
    if tag == "mjx-c":
        match = _HEX.search(element.get("class") or "")
        return _text(chr(int(match.group(1), 16))) if match else _text(element.text)
    parts = [tex for child in element if (tex := _mathjax(child, depth + 1).strip())]
    if tag in ("mjx-msup", "mjx-msub") and len(parts) == 2:
        return f"{parts[0]}{'^' if tag == 'mjx-msup' else '_'}{_braced(parts[1])}"
    if tag == "mjx-script" and len(parts) == 2 and element.getparent().tag == "mjx-msubsup":
        return f"^{_braced(parts[0])}_{_braced(parts[1])}"
    if tag == "mjx-frac" and len(parts) == 2:
        return rf"\frac{_braced(parts[0])}{_braced(parts[1])}"
    if tag == "mjx-msqrt":
        return rf"\sqrt{_braced(''.join(parts))}"
    text = _inner(element, depth, _mathjax) if not len(element) else "".join(parts)
    if tag == "mjx-mo" and (element.get("space") or text in ("=", "<", ">")):
        return f" {text} "
    return text if tag != "mjx-mi" or len(text) < 2 or not text.isascii() else rf"\{text} "
