"""Declared shadow roots: what a browser shows in place of an element's own children."""

from __future__ import annotations

from typing import Any


def fill_slots(template: Any) -> None:
    """A `<template shadowrootmode>` -> the children of its host are moved into its slots, where a browser shows them.

    A slot that gets none keeps its own content.
    """
    host = template.getparent()
    by_slot: dict[str, list[Any]] = {}
    for child in [] if host is None else host:
        if child is not template:
            by_slot.setdefault(child.get("slot") or "", []).append(child)
    for slot in [] if host is None else list(template.iter("slot")):
        name = slot.get("name") or ""
        children = by_slot.pop(name, [])
        text = "" if name else (template.tail or "").strip()
        if not children and not text:
            continue
        for own in list(slot):
            slot.remove(own)
        slot.text = text
        if text:
            template.tail = None
        slot.extend(children)
