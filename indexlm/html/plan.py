"""What the walk does otherwise at some elements: formulas and code, found before it begins."""

from __future__ import annotations

from itertools import chain
from typing import Any

from indexlm.html.code import CODE, Code
from indexlm.html.elements import find_elements
from indexlm.html.formulas import code_formula, find_formulas
from indexlm.html.tags import PREFORMATTED


def make_plan(body: Any) -> Code:
    """The element that holds a page's content -> its code, with what stands for its formulas."""
    tags = ("script", "math", "mjx-container", *PREFORMATTED, *CODE)
    elements = dict(zip(tags, find_elements(body, *([tag] for tag in tags)), strict=True))
    inserts = dict(find_formulas(elements["script"], [*elements["math"], *elements["mjx-container"]]))
    for element in chain(*(elements[tag] for tag in ("pre", "code"))):
        if (element.get("data-math-style") or "math" in (element.get("class") or "")) and (
            formula := code_formula(element)
        ) is not None:
            inserts[element] = formula
    blocks, inlines = ([element for tag in tags for element in elements[tag]] for tags in (PREFORMATTED, CODE))
    return Code(blocks, inlines, inserts)
