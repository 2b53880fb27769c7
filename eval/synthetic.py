"""Pages made up of random words in the shape of the web's: what is timed and compared where no others are given."""

from __future__ import annotations

import random
from typing import NamedTuple

from indexlm.html.read import read_page

__all__ = ["SyntheticPage", "synthetic_page"]

_WORDS = (
    "about after again along among answer around autumn basket began below between bridge bright brought build "
    "careful carry centre change choose city clear coast common copper council country cover daily deep distance "
    "draw early east evening every farm field figure find follow forest found garden gather ground grow half harbour "
    "heavy height hill history house island journey keep kept large later learn leave light line little local long "
    "market measure meet mile mill morning mountain move narrow near never north number often older open other over "
    "path people place plain plant point quarter quiet rain reach record river road rock school season second seed "
    "share shore simple slow small south spring station stone story stream street summer supply table timber today "
    "together tower town trade train travel under until valley village visit wall water weather west wide wind winter "
    "without wood work year young"
)


_ICON = (
    '<svg class="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d="M2 8h12M8 2v12"/></svg>'
)


class SyntheticPage(NamedTuple):
    """A page's HTML and address, and the blocks that are its main content."""

    html: bytes
    url: str
    gold: tuple[int, ...]


def synthetic_page(seed: int, parts: int) -> SyntheticPage:
    """A page made up of random words, the same for the same arguments; `parts` says how long its article is.

    Around the article stand menus, asides, comments and a footer, which grow with it. The gold blocks are those of the
    article without its asides. What parsing costs is about that of the web's pages: as many elements a block, as deep
    (medians of 80 pages of WCXB: 4.4 and 11), and a sixth of the bytes is script.
    """
    draw = random.Random(seed)
    known = _WORDS.split()

    def words(least: int, most: int) -> str:
        return " ".join(draw.choices(known, k=draw.randint(least, most))).capitalize()

    def prose(sentences: int) -> str:
        said = [f"{words(6, 16)}{draw.choice(('.', '.', '.', '?'))}" for _ in range(sentences)]
        return " ".join(said).replace(" stone ", ' <a href="/stone">stone</a> ').replace(" often ", ", often ")

    def held(html: str, levels: int = 2) -> str:
        for level in range(levels):
            style = f"padding:{draw.randint(0, 40)}px {draw.randint(0, 40)}px;max-width:{draw.randint(300, 1400)}px"
            html = f'<div class="wrapper row-{level} col-md-{draw.randint(1, 12)}" style="{style}">{html}</div>'
        return html

    def links(count: int) -> str:
        made = (
            f'<li class="item item-{draw.randint(100, 9999)}" data-position="{i}"><a class="link link-{i % 7}" '
            f'href="/{draw.choice(known)}/{draw.choice(known)}-{i}" data-track="{draw.getrandbits(96):024x}">'
            f"<span>{words(1, 5)}</span>{_ICON}</a></li>"
            for i in range(count)
        )
        return held(f'<ul class="list">{"".join(made)}</ul>')

    def part() -> str:
        kind = draw.random()
        if kind < 0.55:
            return "".join(held(f"<p>{prose(draw.randint(1, 5))}</p>", 3) for _ in range(draw.randint(1, 3)))
        if kind < 0.7:
            items = "".join(f"<li>{held(words(3, 14))}</li>" for _ in range(draw.randint(3, 7)))
            return held(f"<ul>{items}</ul>")
        if kind < 0.8:
            rows = (
                f"<tr><th>{words(1, 2)}</th><td>{draw.randint(1, 999)}</td></tr>" for _ in range(draw.randint(3, 6))
            )
            return held(f"<table><tbody>{''.join(rows)}</tbody></table>")
        if kind < 0.9:
            return held(f"<h2>{words(2, 7)}</h2>") + held(f"<p>{prose(2)}</p>", 3)
        return f'<aside class="related"><h3>{words(1, 3)}</h3>{links(draw.randint(2, 6))}</aside>'

    def comment() -> str:
        said = f'<span class="author">{words(1, 2)}</span>{held(f"<p>{prose(draw.randint(1, 2))}</p>")}'
        return f'<div class="comment" id="c{draw.randint(1, 99999)}">{held(said)}</div>'

    title = words(4, 9)
    article = "".join(part() for _ in range(parts))
    body = (
        f'<header class="site-header"><nav class="menu">{links(draw.randint(6, 10))}</nav></header>'
        f'<main><article class="post">{held(f"<h1>{title}</h1>")}<p class="byline">{words(2, 3)}</p>'
        f"<p>{prose(3)}</p>{held(article, 3)}</article></main>"
        f'<section class="comments">{"".join(comment() for _ in range(parts // 4))}</section>'
        f'<div class="sidebar">{links(4 + parts // 3)}</div>'
        f'<footer class="site-footer"><p>{words(3, 9)}</p>{links(draw.randint(3, 6))}</footer>'
    )
    script = " ".join(draw.choices(known, k=len(body) // 32))
    html = (
        f'<!doctype html><html lang="en"><head><title>{title} | {words(1, 2)}</title></head>'
        f'<body>{held(body, 4)}<script>var words = "{script}"</script></body></html>'
    ).encode()
    url = f"https://example.org/{draw.choice(known)}/{seed}"
    gold = []
    for block in read_page(html, url=url).blocks:
        ancestors = {label.partition(".")[0] for label in block.path}
        if "article" in ancestors and "aside" not in ancestors:
            gold.append(block.index)
    return SyntheticPage(html, url, tuple(gold))
