"""Metadata as YAML front matter."""

from __future__ import annotations

import json
import re

from indexlm.metadata import Metadata

_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def to_front_matter(metadata: Metadata, **fields: str | float | bool | None) -> str:
    """Metadata and further fields -> a YAML document between `---` lines: the values by name, then `sources`.

    `sources` says where each value comes from, and `guessed` which values the page does not state. Every string is
    quoted, so that no value is read as anything but a string.
    """
    lines = [f"{name}: {_scalar(value)}" for name, value in fields.items() if value not in (None, "")]
    values = metadata.values()
    lines += [f"{name}: {_scalar(value.value)}" for name, value in values.items()]
    if values:
        lines += ["sources:", *(f"  {name}: {_scalar(value.source)}" for name, value in values.items())]
    guessed = [name for name, value in values.items() if value.guessed]
    if guessed:
        lines.append(f"guessed: {json.dumps(guessed)}")
    return "\n".join(["---", *lines, "---"])


def _scalar(value: str | float | bool | None) -> str:
    """A value in YAML: JSON, but for characters that YAML takes escaped alone."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()  # no surrogates
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
