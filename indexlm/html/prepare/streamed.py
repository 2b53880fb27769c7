"""What React streams behind a page: hidden elements, which its scripts put in the places of templates."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from indexlm.html.tree_edits import add_before, take_out

_MOST = 1000  # elements that are put into place
_WAITS = re.compile(
    r"\W*(?:(?:wird |en cours de )?(?:loading|lädt|laden|geladen|chargement|cargando|carregando|caricamento|ładowanie"
    r"|загрузка|yükleniyor)(?: \w+)?|読み込み中|加载中|載入中|로딩 ?중)\W*\Z",
    re.IGNORECASE,
)
_LONGEST_WAIT = 40  # characters of what stands in a place until its content comes


def place_streamed(body: Any) -> None:
    """Put the content of each `<div hidden id="S:1">` where the `<template id="B:1">` (or `P:1`) of its number stands.

    What is shown there until the content comes (`Loading …`, or an element without text) goes.
    """
    streamed: dict[str, Any] = {}
    for child in body:
        if child.get("hidden") is not None and (holder := _holder(child)) is not None and len(streamed) < _MOST:
            streamed[holder.get("id")[2:]] = holder
    if not streamed:
        return
    for template in [*body.iter("template")]:
        kind, _, number = (template.get("id") or "").partition(":")
        holder = streamed.get(number) if kind in ("B", "P") else None
        if holder is not None and all(around is not holder for around in template.iterancestors()):
            del streamed[number]
            if kind == "B":
                _drop_wait(template)
            _put(template, holder)


def _holder(element: Any) -> Any:
    """The element whose id says that it is streamed: the hidden one, or in a table its body or row."""
    inside = islice(element.iter(), 3 if element.tag in ("table", "svg", "math") else 1)
    return next((e for e in inside if (e.get("id") or "").startswith("S:")), None)


def _drop_wait(template: Any) -> None:
    """Drop what is shown until the content comes, which stands behind the template."""
    wait = template.getnext()
    if wait is None or wait.tag == "template" or (template.tail or "").strip():
        return
    text = "".join(wait.itertext()).strip()
    is_wait = not text or (len(text) <= _LONGEST_WAIT and _WAITS.match(text) is not None)
    if is_wait and next(wait.iter("template"), None) is None:
        take_out(wait)


def _put(template: Any, holder: Any) -> None:
    """Put what a holder holds in the place of a template."""
    add_before(template, holder.text or "")
    for child in [*holder]:
        template.addprevious(child)
    take_out(template)
    holder.getparent().remove(holder)
