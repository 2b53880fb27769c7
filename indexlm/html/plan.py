"""What the walk does otherwise at some elements: formulas, code and embedded media, found before it begins."""

from __future__ import annotations

from typing import Any, NamedTuple

from indexlm.html.formulas import find_formulas
from indexlm.html.insert import Insert


class Plan(NamedTuple):
    """inserts: what stands for an element and all that is in it."""

    inserts: dict[Any, Insert]


def make_plan(body: Any) -> Plan:
    """The element that holds a page's content -> the plan of its walk."""
    return Plan(inserts=dict(find_formulas(body)))
