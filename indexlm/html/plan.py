"""What the walk does otherwise at some elements: formulas, code and embedded media, found before it begins."""

from __future__ import annotations

from typing import Any, NamedTuple

from indexlm.html.code import Code
from indexlm.html.formulas import find_formulas
from indexlm.html.insert import Insert
from indexlm.html.media import EMBEDS, embed


class Plan(NamedTuple):
    """inserts: what stands for an element and all that is in it. preformatted, lines: as in `Code`."""

    inserts: dict[Any, Insert]
    preformatted: set[Any]
    lines: set[Any]


def make_plan(body: Any) -> Plan:
    """The element that holds a page's content -> the plan of its walk."""
    code = Code(body)
    embeds = {element: embed(element) for element in body.iter(*EMBEDS)}
    return Plan(embeds | code.extras | dict(find_formulas(body)), code.preformatted, code.lines)
