"""For the API reference: the field lines of a docstring (`name: what it is`) become a list."""

from __future__ import annotations

import re
from typing import Any

import griffe

_FIELD = re.compile(r"(\w+(?:, \w+)*): (?=\S)")


class FieldLists(griffe.Extension):
    """Rewrites the docstring of each class before it is rendered."""

    def on_class(self, *, cls: griffe.Class, **kwargs: Any) -> None:
        """Called for each class that griffe has read."""
        if cls.docstring:
            cls.docstring.value = as_list(cls.docstring.value)


def as_list(docstring: str) -> str:
    """A docstring -> the same, with a Markdown list item for each field line and the indented lines below it."""
    lines: list[str] = []
    for line in docstring.splitlines():
        if match := _FIELD.match(line):
            if lines and lines[-1].strip() and not lines[-1].startswith(("- ", "    ")):
                lines.append("")
            names = ", ".join(f"`{name}`" for name in match[1].split(", "))
            line = f"- {names}: {line[match.end() :]}"
        lines.append(line)
    return "\n".join(lines)
