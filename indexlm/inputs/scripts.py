"""The text of a page that only its scripts would show: from JSON-LD and the data of JavaScript frameworks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html import escape, unescape
from itertools import islice
from typing import Any, NamedTuple

from indexlm.inputs.facts import read_facts
from indexlm.inputs.flight import read_flight
from indexlm.inputs.rich_text import paragraph
from indexlm.inputs.xml import fragment
from indexlm.patterns import late

_ASSIGNMENT = late(
    r"(?:window|self|globalThis)\s*(?:\.\s*|\[\s*[\"'])\w+(?:[\"']\s*\])?\s*=\s*(?:JSON\.parse\(\s*)?(?=[{\[\"'])"
)
_TAG = late(r"</?[a-zA-Z][^<>]*>")
_HTML = late(r"</(?:p|div|h[1-6]|li|ul|ol|span|strong|em|a|b|i)>|<br", re.IGNORECASE)
_CJK = late(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_CODE = late(r"^\s*(?:https?:|data:|[{\[]|function\b|\(\)|<svg|import |@media)|[{};]\s*[\w.-]+\s*[:({]|=>")
_TITLE_KEYS = ("headline", "title", "heading", "question", "name")
_LISTS = ("recipeingredient", "recipeinstructions", "ingredients", "instructions", "steps")
_BODY_KEYS = ("articleBody", "reviewBody")
_NO_TEXT_KEYS = late(
    r"seo|meta|og[A-Z:_]|twitter|copyright|caption|alt$|css|style|query|schema|error|license|cookie|config|i18n|"
    r"translation|messages",
    re.IGNORECASE,
)
_OF_SITES = frozenset(
    ["Organization", "NewsMediaOrganization", "LocalBusiness", "WebSite", "Person", "BreadcrumbList", "ImageObject"]
)
_DEPTH = 60
_MOST_VALUES = 100  # of a script
_MOST = 2_000_000  # characters of a script that are read
_LEAST = 40  # characters of a text that is worth showing


class Fallback(NamedTuple):
    """Text from a script: as the content of a `<body>`, where it stands, and the script's source line."""

    html: str
    origin: str
    line: int

    @property
    def samples(self) -> list[str]:
        """The first letters of its paragraphs: a page that shows them needs no fallback."""
        texts = ["".join(unescape(_TAG.sub("", part)).split()) for part in self.html.split("<p>")[1:4]]
        return [text[:60] for text in texts if len(text) >= 20]


def find_fallback(scripts: Iterable[Any], articles_only: bool = False) -> Fallback | None:
    """A page's script elements -> the text of its article: a stated `articleBody`, or else the longest text data."""
    best: Fallback | None = None
    scripts = list(scripts)
    if not articles_only:
        html, line = read_flight(scripts)
        if len(_TAG.sub("", html)) > _LEAST:
            best = Fallback(html, "its flight data", line)
    for script in scripts:
        for value, origin in _values(script):
            is_ld = origin == "JSON-LD"
            html = _article(value) if is_ld else ""
            if html:
                return Fallback(html, "the articleBody of its JSON-LD", script.sourceline or 0)
            if not articles_only:
                html = _with_facts(value) if is_ld else "".join(_prose(value, 0, set()))
            if len(_TAG.sub("", html)) > max(_LEAST, len(_TAG.sub("", best.html)) if best else 0):
                best = Fallback(html, origin, script.sourceline or 0)
    return best


def _with_facts(value: Any) -> str:
    """JSON-LD -> its sentences and then its facts; what both hold, a title or an answer, once."""
    facts = read_facts(_objects(value))
    answers = (answer.partition("</p>")[0] for answer in facts.split("<p>")[1:])
    html = "".join(_prose(value, 0, {"".join(answer.split()) for answer in answers}))
    title = facts.partition("</h2>")[0]
    is_same = facts.startswith("<h2>") and html.startswith(f"{title}</h2>")
    return html + (facts.removeprefix(f"{title}</h2>") if is_same else facts)


def _values(script: Any) -> Iterator[tuple[Any, str]]:
    """A script -> each JSON value in it, and where it is from."""
    text = script.text or ""
    kind = (script.get("type") or "").lower()
    if len(text) > _MOST or len(text) < _LEAST:
        return
    if "json" in kind:
        value = _loads(text.strip().removeprefix("<!--").removesuffix("-->"))
        if value is not None:
            yield value, "JSON-LD" if "ld+json" in kind else f"its {script.get('id') or 'JSON'} script"
        return
    if kind and "javascript" not in kind and kind != "module":
        return
    for match in islice(_ASSIGNMENT.finditer(text), _MOST_VALUES):
        value = _decode_at(text, match.end())
        if isinstance(value, (dict, list)):
            name = re.sub(r"^\W*\w+\W+|\W*$", "", match[0].partition("=")[0])
            yield value, f"its {name} script"


def _decode_at(text: str, place: int) -> Any:
    if text[place] == "'":
        end = re.compile(r"(?:[^'\\]|\\.)*+'", re.DOTALL).match(text, place + 1)
        inner = text[place + 1 : end.end() - 1].replace("\\'", "'").replace('\\\\"', '\\"') if end else ""
        return _loads(inner)
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text, place)
    except (ValueError, RecursionError):
        return None
    return _loads(value) if isinstance(value, str) else value


def _loads(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _objects(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > _DEPTH:
        return
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(inner, depth + 1)


def _article(value: Any) -> str:
    """JSON-LD -> the longest article body in it, with its headline."""
    bodies = [
        (body, thing) for thing in _objects(value) for key in _BODY_KEYS if isinstance(body := thing.get(key), str)
    ]
    body, thing = max(bodies, key=lambda pair: len(pair[0]), default=("", {}))
    if len(body) < _LEAST:
        return ""
    headline = thing.get("headline") or thing.get("name")
    return (f"<h1>{_inline(headline)}</h1>" if isinstance(headline, str) else "") + _paragraphs(body)


def _inline(text: str) -> str:
    return escape(unescape(_TAG.sub(" ", text)), quote=False)


def _paragraphs(text: str) -> str:
    if _HTML.search(text):
        return fragment(text)
    if "&lt;/" in text:
        return fragment(unescape(text))
    lines = [line for line in unescape(text).split("\n") if line.strip()]
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines)


def _prose(value: Any, depth: int, shown: set[str]) -> Iterator[str]:
    """JSON -> its sentences as HTML, each once, with the title beside them as a heading."""
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for inner in value:
            if isinstance(inner, str):
                yield from _sentence("", inner, shown)
            else:
                yield from _prose(inner, depth + 1, shown)
        return
    if not isinstance(value, dict) or str(value.get("@type")) in _OF_SITES:
        return
    if (rich := paragraph(value)) is not None:
        yield from _once(rich, shown)
        return
    pieces: list[str] = []
    for key, inner in value.items():
        if isinstance(inner, str):
            pieces += _sentence(key, inner, shown)
        elif key.lower() in _LISTS and isinstance(inner, list):
            pieces += _list(inner, shown)
        elif not _NO_TEXT_KEYS.search(key):
            pieces += _prose(inner, depth + 1, shown)
    title = next((value[key] for key in _TITLE_KEYS if isinstance(value.get(key), str)), "")
    if pieces and 2 < len(title) <= 200:
        yield from _once(f"<h2>{_inline(title)}</h2>", shown)
    yield from pieces


def _sentence(key: str, text: str, shown: set[str]) -> list[str]:
    if key and _NO_TEXT_KEYS.search(key):
        return []
    plain = " ".join(_TAG.sub(" ", text).split())
    is_long = len(plain) >= 60 and plain.count(" ") >= 7
    if not (is_long or (len(plain) >= 25 and len(_CJK.findall(plain)) * 2 > len(plain))) or _CODE.search(plain):
        return []
    return [*_once(_paragraphs(text), shown)]


def _list(items: list[Any], shown: set[str]) -> list[str]:
    texts = [item if isinstance(item, str) else item.get("text") if isinstance(item, dict) else None for item in items]
    listed = "".join(f"<li>{_inline(text)}</li>" for text in texts if isinstance(text, str))
    return [*_once(f"<ul>{listed}</ul>", shown)] if listed else []


def _once(html: str, shown: set[str]) -> Iterator[str]:
    letters = "".join(_TAG.sub("", html).split())
    if letters and letters not in shown:
        shown.add(letters)
        yield html
