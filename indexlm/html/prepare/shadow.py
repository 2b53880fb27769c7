"""Declared shadow roots: what a browser shows in place of an element's own children."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def move_roots(templates: Iterable[Any]) -> None:
    """Put each `<template shadowrootmode>` before the other children of its host, so that it is met before them."""
    hosts = set()
    for template in templates:
        host = template.getparent()
        if not _declares_root(template) or host is None or host in hosts:
            continue
        hosts.add(host)
        if host[0] is not template:
            before, tail = template.getprevious(), template.tail
            before.tail = (before.tail or "") + (tail or "")
            template.tail = host.text
            host.text = None
            host.insert(0, template)


def is_root(template: Any) -> bool:
    """Whether a `<template>` that was put first declares a shadow root; of several in a host, the first one does."""
    host = template.getparent()
    return _declares_root(template) and host is not None and host[0] is template


def _declares_root(template: Any) -> bool:
    return bool(template.get("shadowrootmode") or template.get("shadowmode"))


def fill_slots(template: Any) -> None:
    """A `<template shadowrootmode>` -> the children of its host are moved into its slots, where a browser shows them.

    Text of the host stands in the slot without a name. A slot that gets nothing keeps its own content.
    """
    host = template.getparent()
    by_slot: dict[str, list[Any]] = {}
    for child in [] if host is None else host:
        if child.tag != "template":  # of which none is shown but the first root
            by_slot.setdefault(child.get("slot") or "", []).append(child)
    loose = (template.tail or "").strip()
    rest = "".join(child.tail or "" for name, children in by_slot.items() if name for child in children).strip()
    for slot in [] if host is None else list(template.iter("slot")):
        name = slot.get("name") or ""
        children = by_slot.pop(name, [])
        text = "" if name else " ".join(filter(None, (loose, "" if children else rest)))
        if not children and not text:
            continue
        for own in list(slot):
            slot.remove(own)
        slot.text = text
        if text:
            template.tail = None
        for child in children:
            if name:
                child.tail = None
            slot.append(child)
        if children and not name and rest:
            children[-1].tail = f"{children[-1].tail or ''} {rest}"
