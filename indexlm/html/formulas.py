"""Formulas as TeX: from KaTeX, MathJax 2 to 4, MathML, and images and elements that name their TeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from html import escape
from itertools import islice
from typing import Any, NamedTuple

from lxml import etree

from indexlm.html.glyphs import glyph_tex
from indexlm.html.insert import Insert
from indexlm.patterns import late

_RENDERED = late(r"(?:^|\s)(?:katex[\w-]*|mathjax\w*|mjx[\w-]*|mwe-math[\w-]*)(?:\s|$)", re.IGNORECASE)
_DISPLAY = late(r"katex-display|mathjax(?:_svg)?_display|mjxc-display|mwe-math\S*(?:display|block)", re.IGNORECASE)
_GLYPHS = late(r"(?:^|\s)katex(?:-display)?(?:\s|$)")
_TEX_NAMES = ("data-tex", "data-latex", "data-formula", "data-katex")
_DELIMITED = late(r"\s*(?:\\\((.*)\\\)|(\\\[)(.*)\\\]|(\$\$)(.*)\$\$|\$([^$]+)\$)\s*", re.DOTALL)
_IN_TEXT = late(  # a formula holds no delimiter, so that one without an end is not looked for again and again
    r"\$\$([^$]{1,4000}+)\$\$|(?<!\\)\\\[((?:(?!(?<!\\)\\[\[\]]).){1,4000}+)\\\]"
    r"|(?<!\\)\\\(((?:(?!(?<!\\)\\[()]).){1,1000}+)\\\)",
    re.DOTALL,
)
_OF_TEX = late(r"\\[a-zA-Z]+|[\^_]\s*[\w{\\]")
_COMMENT = late(r"(?<!\\)%[^\n]*\n")
_STYLED = late(r"\{\\(?:display|text)style\s(.*)\}|\\(?:display|text)style\s(.*)", re.DOTALL)
_IS_TEX = late(r"[\\^_=<>+]")
_TEX_IMAGE = late(
    r"(?:^|\s)(?:latex|tex|math|formula|mwe-math\S*|ee_img)(?:$|\s)|latex\.(?:php|codecogs)", re.IGNORECASE
)
_TEX_ALT = late(r"\{?\\displaystyle\s|\\\(|\\\[|\$.+\$$")
_DEFINITIONS = late(
    r"\s*(?:\\(?:begingroup|endgroup|require\s*\{[^}]*\}|(?:re)?newcommand\b.*|def\\.*|let\\.*)\s*)+", re.DOTALL
)
_INVISIBLE = late("[\u200b-\u200d\u2060-\u2064\ufeff]")
_TEXT = late(r"(\\text\{[^}]*\})")
_FUNCTION = late(
    r"(?<![\\A-Za-z])(arccos|arcsin|arctan|arg|cosh?|cot|csc|deg|det|dim|exp|gcd|inf|ker|lg|lim|liminf|limsup|ln|log"
    r"|max|min|Pr|sec|sinh?|sup|tanh?)(?![A-Za-z])"
)
_MOST_CHARS = 10_000
_MOST_NODES = 5000  # of a formula that is converted; a larger one is shown as its text


class Formula(NamedTuple):
    """A formula's TeX, and whether it stands on a line of its own."""

    tex: str
    display: bool

    def insert(self) -> Insert:
        """The formula as text and markup."""
        mark, opening, closing, kind, space = (
            ("$$", r"\[", r"\]", "display", " ") if self.display else ("$", r"\(", r"\)", "inline", "")
        )
        return Insert(
            f"{space}{mark}{self.tex}{mark}{space}",
            f'{space}<span class="math {kind}">{opening}{escape(self.tex, quote=False)}{closing}</span>{space}',
        )


def find_formulas(scripts: Iterable[Any], elements: Iterable[Any]) -> Iterator[tuple[Any, Insert]]:
    """A page's scripts, and its `<math>` and `<mjx-container>` elements -> the formulas, with what stands for each.

    A renderer writes a formula two or three times (glyphs, MathML, source): the outermost element of all its copies is
    the formula. The copies beside a script are empty.
    """
    taken: set[Any] = set()
    for script in scripts:
        kind = (script.get("type") or "").lower()
        if kind.startswith("math/tex"):
            taken.update(copies := [*_rendered_before(script)])
            yield from ((copy, Insert()) for copy in copies)
            yield script, _insert(script.text or "", "mode=display" in kind)
    for element in elements:
        top = _outermost(element)
        if top not in taken and not any(ancestor in taken for ancestor in top.iterancestors()):
            taken.add(top)
            if formula := _formula(top):
                yield top, formula


def code_formula(element: Any) -> Insert | None:
    """What stands for a `<code>` or `<pre>` of TeX that a script renders, as GitLab and Pandoc write it; else None."""
    names = (element.get("class") or "").split()
    style = element.get("data-math-style")
    if style is None and not ("math" in names and ("inline" in names or "display" in names)):
        return None
    return _insert("".join(element.itertext()), style == "display" or "display" in names)


def marked_formula(element: Any) -> Insert | None:
    """What stands for an element whose class says that it holds TeX, between delimiters or as data; else None."""
    names = element.get("class")
    if _GLYPHS.search(names) and next(element.iter("math"), None) is None:
        tex = glyph_tex(element)
        return _insert(tex, bool(_DISPLAY.search(names))) if tex else None
    if tex := next(filter(None, map(element.get, _TEX_NAMES)), ""):
        return _insert(tex, bool(_DISPLAY.search(names)))
    if len(element) or not (match := _DELIMITED.fullmatch(element.text or "")):
        return None
    return _insert(next(filter(None, match.group(1, 3, 5, 6)), ""), bool(match.group(2) or match.group(4)))


def split_formulas(text: str) -> list[str | Insert]:
    """A text -> its parts: TeX between delimiters, which Markdown's escapes would break, and what is beside it."""
    parts: list[str | Insert] = []
    last = 0
    for match in _IN_TEXT.finditer(text):
        tex = next(filter(None, match.groups()))
        if _OF_TEX.search(tex):
            parts += [text[last : match.start()], _insert(tex, display=match.group(3) is None)]
            last = match.end()
    return [*parts, text[last:]] if parts else [text]


def image_formula(element: Any) -> Insert | None:
    """What stands for an `<img>` that shows a formula, by its `alt`; None for any other."""
    alt = (element.get("alt") or "").strip()
    if not _IS_TEX.search(alt) or not (
        _TEX_ALT.match(alt) or _TEX_IMAGE.search(element.get("class") or element.get("src") or "")
    ):
        return None
    match = _DELIMITED.fullmatch(alt)
    tex = next(filter(None, match.group(1, 3, 5, 6)), "") if match else alt
    return _insert(tex, "display" in (element.get("class") or ""))


def _insert(tex: str, display: bool) -> Insert:
    tex = _normalize(tex)
    return Formula(tex, display).insert() if tex and not _DEFINITIONS.fullmatch(tex) else Insert()


def _normalize(tex: str) -> str:
    """TeX without comments, on one line, and without the style that the whole of it is wrapped in."""
    if len(tex) > _MOST_CHARS:
        return " ".join(tex.split())
    tex = " ".join(_COMMENT.sub("\n", tex).split())
    for _ in range(3):
        if (match := _STYLED.fullmatch(tex)) is None:
            break
        inner = match.group(1) or match.group(2) or ""
        if match.group(1) and not _is_balanced(inner):
            break
        tex = inner.strip()
    return tex.rstrip("\\").strip() if tex.endswith("\\") and not tex.endswith("\\\\") else tex


def _is_balanced(tex: str) -> bool:
    """Whether no brace is closed that is not opened before."""
    depth = 0
    for brace in re.findall(r"\\.|[{}]", tex):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    return depth == 0


def _rendered_before(script: Any) -> Iterator[Any]:
    """The elements before a script of TeX in which MathJax 2 shows it."""
    element = script.getprevious()
    while element is not None and isinstance(element.tag, str) and not (element.tail or "").strip():
        if not re.match(r"MathJax|MJX|mjx", element.get("class") or ""):
            return
        yield element
        element = element.getprevious()


def _outermost(element: Any) -> Any:
    """The outermost element of a renderer around a formula."""
    top = element
    most = 3 * _size(element) + 40  # glyphs, MathML and TeX
    for ancestor in element.iterancestors():
        if not _RENDERED.search(f"{ancestor.tag} {ancestor.get('class') or ''}"):
            if ancestor.tag == "span" and len(ancestor) == 1 and not (ancestor.text or element.tail or "").strip():
                continue  # a wrapper without a name
            break
        parts = islice(ancestor.iter(), _MOST_NODES)
        if _size(ancestor, most) > most or any(part.tag in ("p", "li", "table") for part in parts):
            break  # a page's own element of the name
        top = ancestor
    return top


def _size(element: Any, most: int = _MOST_CHARS) -> int:
    """How many characters of text an element holds, counted until they are more than `most`."""
    size = 0
    for text in element.itertext():
        size += len(text.strip())
        if size > most:
            break
    return size


def _formula(top: Any) -> Insert | None:
    """The outermost element of a formula -> what stands for it; None where nothing names its TeX."""
    math = next(top.iter("math"), None)
    display = bool(_DISPLAY.search(f"{top.get('class')}")) or top.get("display") in ("true", "block")
    if math is None:
        tex = next((tex for e in top.iter() if isinstance(e.tag, str) and (tex := e.get("data-latex"))), "")
        tex = tex or glyph_tex(top)
        return _insert(tex, display) if tex else None
    display = display or math.get("display") == "block" or math.get("mode") == "display"
    for annotation in math.iter("annotation"):
        if "tex" in (annotation.get("encoding") or "").lower() and (annotation.text or "").strip():
            return _insert(annotation.text, display)
    alt = math.get("alttext") or ""
    return _insert(alt if _IS_TEX.search(alt) else _mathml_to_tex(math), display)


def _mathml_to_tex(math: Any) -> str:
    """A `<math>` element -> TeX; its text where the converter fails."""
    from mathml_to_latex.converter import MathMLToLaTeX

    math = deepcopy(math)
    math.tail = None
    text = " ".join(" ".join(math.itertext()).split())
    if sum(1 for _ in math.iter()) > _MOST_NODES:
        return text
    for element in math.iter():
        element.attrib.pop("innertable", None)
        if element.tag == "mtable":
            element.set("innerTable", "1")  # what the converter marks the tables by that need an environment
    try:
        tex = MathMLToLaTeX.convert(etree.tostring(math, encoding="unicode"))
    except Exception:  # the converter has no errors of its own: what it does not expect raises anything
        return text
    for bracket in ("(", "[", r"\{", "|"):
        tex = tex.replace(rf"\left{bracket}\right.", bracket)
    for bracket in (")", "]", r"\}", "|"):
        tex = tex.replace(rf"\left.\right{bracket}", bracket)
    parts = _TEXT.split(_INVISIBLE.sub("", tex))
    parts[::2] = (_FUNCTION.sub(r"\\\1", part) for part in parts[::2])
    return "".join(parts)
