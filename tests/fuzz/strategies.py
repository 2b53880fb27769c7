"""Pages, bytes, answers and checkpoints at random, for hypothesis."""

from __future__ import annotations

import os
from collections import Counter
from time import monotonic
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.conftest import MAIN, golden_html

_EXAMPLES = int(os.environ.get("INDEXLM_FUZZ_EXAMPLES", "200"))
_SECONDS = float(os.environ.get("INDEXLM_FUZZ_SECONDS", "inf"))
_PROPERTIES = 6  # which share the time of all processes
_SECONDS_EACH = _SECONDS * int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) / _PROPERTIES
_BEGAN: dict[str, float] = {}  # by property
_TRIED: Counter[str] = Counter()


def fuzz(share: float) -> Any:
    """The settings of a property that takes a share of the examples: the same ones each time, unless they are many."""
    return settings(
        max_examples=max(1, int(_EXAMPLES * share)),
        deadline=None,
        derandomize=_EXAMPLES <= 1000,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def stop_in_time() -> None:
    """Skip what is left of a property where its share of the time is over, and say how far it came."""
    test = os.environ["PYTEST_CURRENT_TEST"]
    if monotonic() - _BEGAN.setdefault(test, monotonic()) > _SECONDS_EACH:
        pytest.skip(f"none of {_TRIED[test]} examples failed until the time was over")
    _TRIED[test] += 1


_TAG_NAMES = """
p div section article main h1 h2 h3 h6 ul ol li dl dt dd table tr td th tbody caption blockquote pre figure figcaption
a b strong i em code kbd sub sup span mark small details summary nav header footer aside form label
ruby rt q del center font x-card address fieldset
"""
_TAGS = _TAG_NAMES.split()
_PLACES_OF_WORDS = """\
{w}~<b>{w}</b>~<a href="/x">{w}</a>~<img src="a.png" alt="">~<br>~<hr>~<p>{w}~<li>{w}~<td>{w}~</p>~</div>~</i>~</table>~
<p>{w}</p>~<pre>\n{w}\n  {w}</pre>~<h2>{w}</h2>~<!-- c -->~<ul><li>{w}<li>{w}</ul>~<sup>{w}</sup>~<code>{w}</code>~
<table><tr><th>{w}<th>{w}<tr><td>{w}<td>{w}</table>~<dt>{w}<dd>{w}~*{w}*~_{w}_~`{w}`~# {w}~1. {w}~- {w}~> {w}~[{w}](x)~
&lt;b&gt;{w}~&amp;lt;~| {w}~![{w}]~\\{w}~$ {w}~```{w}~<em>{w}</em>{w}~{w}<strong>{w}</strong>~&lt;!-- {w}~&lt;/p>{w}"""
_PLACES = [place.strip("\n") for place in _PLACES_OF_WORDS.split("~")]
_ATTRIBUTES = ["", "", ' class="a b-c"', " id=x1", ' style="margin:0"', " colspan=2", " rowspan=3", ' role="listitem"']


@st.composite
def pages(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Tags that nest or do not, and words between -> a page and its words, each of which is there once."""
    words: list[str] = []
    html: list[str] = []

    def word() -> str:
        words.append(f"w{len(words)}q")
        return words[-1]

    for _ in range(draw(st.integers(1, 25))):
        kind = draw(st.integers(0, 3))
        if kind == 0:
            html.append(f"<{draw(st.sampled_from(_TAGS))}{draw(st.sampled_from(_ATTRIBUTES))}>")
        elif kind == 1:
            html.append(f"</{draw(st.sampled_from(_TAGS))}>")
        else:
            place = draw(st.sampled_from(_PLACES))
            while "{w}" in place:
                place = place.replace("{w}", word(), 1)
            html.append(place + draw(st.sampled_from(("", " ", "\n"))))
    return f"<body>{''.join(html)}", words


_TELLING = (
    b"<|>|\"|'|=|/|&|;|\0|\xff|\xfe|\xc3|\x1b$B|<!--|-->|]]>|<![CDATA[|<script>|</script>|<style>|<title>|<plaintext>"
    b'|<template shadowrootmode=open>|<table>|<tr><td>|<select>|<svg>|<math>|<mtable>|<frameset>|<base href="//[">'
    b"|<meta charset=utf-16>|<meta http-equiv=refresh content='0;url=http://['>|<a href='http://[x'>|<img srcset=',1x'>"
    b"|colspan=999999999999|&#x110000;|&#0;|&#xD800;|\\(x\\)|$$|\xe2\x80\x8b|\xef\xbf\xbe|<?xml version='1.0'?>"
    b'|From: a\n\n|{"@type":[]}|<script type="application/ld+json">{"@graph":[[]]}</script>|HTTP/1.1 200 OK\r\n\r\n'
    b"|\x1f\x8b\x08|bplist00"
)
_PIECES = st.sampled_from(_TELLING.split(b"|"))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A golden page, or nothing, with pieces cut, doubled, or put in that mean something to some reader."""
    data = bytearray(golden_html(draw(st.sampled_from(sorted(MAIN)))) if draw(st.booleans()) else b"")
    for _ in range(draw(st.integers(1, 8))):
        place = draw(st.integers(0, len(data)))
        size = draw(st.integers(0, 200))
        kind = draw(st.integers(0, 3))
        if kind == 0:
            del data[place : place + size]
        elif kind == 1:
            data[place:place] = data[place : place + size]
        elif kind == 2:
            data[place:place] = draw(_PIECES) * draw(st.sampled_from((1, 1, 2, 300)))
        else:
            data[place:place] = draw(st.binary(max_size=12))
    return bytes(data)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
answers = st.text(alphabet="[],0123456789NA <|>\n", max_size=60) | st.text(max_size=40)
queries = st.text(max_size=400) | st.text(alphabet="[]<|>\"'\\ abcαβ漢😀\u202e\0", max_size=400)
