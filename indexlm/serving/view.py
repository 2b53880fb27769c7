"""The page to look at: as the service sends it, and as one file with a page's blocks in it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def page_shell(heads: Sequence[str], fetches: bool, needs_key: bool) -> str:
    """The page without blocks, which asks the service that sends it."""
    return _filled({"heads": list(heads), "fetch": fetches, "key": needs_key}, None).replace("<!--policy-->\n", "")


def page_file(data: Mapping[str, Any]) -> str:
    """What `show_blocks` says of a page -> a file that shows it, and asks nobody."""
    policy = escape(page_policy("'none'", in_file=True))
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return _filled({}, data).replace("<!--policy-->", tag, 1)


def page_policy(connect: str, in_file: bool = False) -> str:
    """The Content-Security-Policy under which the page's own script and style run, and no others."""
    script, style = (_digest(pattern.findall(_template())[-1]) for pattern in (_SCRIPT, _STYLE))
    policy = f"default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:; connect-src {connect}"
    policy += "; base-uri 'none'; form-action 'none'"
    return policy if in_file else f"{policy}; frame-ancestors 'none'"


@lru_cache(maxsize=1)
def _template() -> str:
    return Path(__file__).with_name("page.html").read_text("utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _filled(settings: Mapping[str, Any], data: Mapping[str, Any] | None) -> str:
    """The template with its two blocks of data, in which nothing can end a block."""
    page = _template()
    for name, default, value in (("settings", "{}", settings), ("data", "null", data)):
        start = f'<script type="application/json" id="{name}">'
        text = json.dumps(value).replace("<", "\\u003c")
        page = page.replace(f"{start}{default}<", f"{start}{text}<", 1)
    return page
