"""Documents of editors in JSON (ProseMirror, Slate, Lexical, Portable Text, Contentful) to HTML."""

from __future__ import annotations

from html import escape
from typing import Any

from indexlm.patterns import late

_PARAGRAPH = late(r"paragraph|heading|block|^p$|^h[1-6]$|list-?item")
_HEADING = late(r"heading|^h[1-6]$|h[1-6]$")
_ORDERED = late(r"(?<!un)order|number|^ol")
_WHOLE = frozenset(["doc", "document", "root"])
_LEVEL = late(r"[1-6]\Z")
_DEPTH = 30


def paragraph(value: dict[str, Any]) -> str | None:
    """A paragraph or a heading of such a document, with nothing but text in it -> HTML; None for anything else."""
    kind, inner = _kind(value), _inner(value)
    if not inner or not _PARAGRAPH.search(kind):
        return None
    texts = [
        next((node[key] for key in ("text", "value") if isinstance(node.get(key), str)), None)
        for node in inner
        if isinstance(node, dict)
    ]
    if len(texts) != len(inner) or None in texts:
        return None
    tag = "h2" if _HEADING.search(kind + str(value.get("style", ""))) else "p"
    return f"<{tag}>{escape(''.join(filter(None, texts)), quote=False)}</{tag}>"


def is_document(value: Any) -> bool:
    """Whether JSON is such a document, or the list of its paragraphs."""
    if isinstance(value, dict):
        whole = value.get("root") if isinstance(value.get("root"), dict) else value
        return isinstance(whole, dict) and _kind(whole) in _WHOLE and any(map(_is_node, _inner(whole)))
    nodes = value if isinstance(value, list) else []
    return bool(nodes) and all(isinstance(node, dict) and paragraph(node) is not None for node in nodes)


def document(value: Any) -> str:
    """Such a document -> HTML."""
    if isinstance(value, dict) and isinstance(value.get("root"), dict):
        value = value["root"]
    return _children(value if isinstance(value, list) else _inner(value), 0)


def _children(nodes: list[Any], depth: int) -> str:
    return "".join(_node(node, depth) for node in nodes if isinstance(node, dict)) if depth < _DEPTH else ""


def _node(node: dict[str, Any], depth: int) -> str:
    kind, inner = _kind(node), _inner(node)
    for key in ("text", "value"):
        if isinstance(node.get(key), str):
            return escape(node[key], quote=False)
    if "break" in kind:
        return "<br>"
    content = _children(inner, depth + 1)
    if "code" in kind and "block" in kind:
        return f"<pre>{content}</pre>"
    if _HEADING.search(kind + str(node.get("style", ""))):
        return f"<h{_level(node, kind)}>{content}</h{_level(node, kind)}>"
    if "item" in kind or kind == "li" or isinstance(node.get("listItem"), str):
        return f"<li>{content}</li>"
    if "list" in kind or kind in ("ul", "ol"):
        tag = "ol" if _ORDERED.search(kind + str(node.get("listType", ""))) else "ul"
        return f"<{tag}>{content}</{tag}>"
    if "quote" in kind:
        return f"<blockquote>{content}</blockquote>"
    return f"<p>{content}</p>" if _PARAGRAPH.search(kind) else content


def _level(node: dict[str, Any], kind: str) -> int:
    """The level of a heading: an attribute, or the end of its name."""
    attributes = node.get("attrs")
    stated = attributes.get("level") if isinstance(attributes, dict) else node.get("level") or node.get("tag")
    match = _LEVEL.search(str(stated or "")) or _LEVEL.search(str(node.get("style", ""))) or _LEVEL.search(kind)
    return int(match.group()) if match else 2


def _kind(node: dict[str, Any]) -> str:
    return str(node.get("nodeType") or node.get("type") or node.get("_type") or "").lower()


def _inner(node: dict[str, Any]) -> list[Any]:
    inner = node.get("content") or node.get("children")
    return inner if isinstance(inner, list) else []


def _is_node(node: Any) -> bool:
    return isinstance(node, dict) and bool(_kind(node)) and bool(_inner(node))
