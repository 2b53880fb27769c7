"""What the walk does otherwise at some elements: formulas and code, found before it begins."""

from __future__ import annotations

from typing import Any

from indexlm.html.code import CODE, Code
from indexlm.html.formulas import find_formulas
from indexlm.html.insert import Insert
from indexlm.html.tags import PREFORMATTED

_FORMULAS = ("script", "math", "mjx-container")


def make_plan(body: Any) -> Code:
    """The element that holds a page's content -> its code, with what stands for its formulas."""
    elements: dict[str, list[Any]] = {tag: [] for tag in (*_FORMULAS, *PREFORMATTED, *CODE)}
    for element in body.iter(*elements):
        elements[element.tag].append(element)
    scripts, *formulas = (elements[tag] for tag in _FORMULAS)
    inserts: dict[Any, Insert] = dict(find_formulas(scripts, sum(formulas, [])))
    return Code(sum((elements[tag] for tag in PREFORMATTED), []), sum((elements[tag] for tag in CODE), []), inserts)
