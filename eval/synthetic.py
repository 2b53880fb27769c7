"""Synthetic pages: random words in the shape of the web's pages, for timings and comparisons without data."""

from __future__ import annotations

import random

from eval.cases import Case
from indexlm.html.read import read_page

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


def synthetic_page(seed: int, sections: int) -> Case:
    """A case on a page of random words, the same for the same arguments; `sections` is the length of its article.

    Menus, asides, comments and a footer stand around the article and grow with it. The gold blocks are those of the
    article without its asides. It costs about as much to parse as a page of the web: as many elements a block and as
    deep (medians of 80 pages of WCXB: 4.4 and 11), and a sixth of the bytes is script.
    """
    rng = random.Random(seed)
    writer = _Writer(rng)
    title = writer.words(4, 9)
    article = "".join(writer.section() for _ in range(sections))
    body = (
        f'<header class="site-header"><nav class="menu">{writer.links(rng.randint(6, 10))}</nav></header>'
        f'<main><article class="post">{writer.wrap(f"<h1>{title}</h1>")}<p class="byline">{writer.words(2, 3)}</p>'
        f"<p>{writer.prose(3)}</p>{writer.wrap(article, 3)}</article></main>"
        f'<section class="comments">{"".join(writer.comment() for _ in range(sections // 4))}</section>'
        f'<div class="sidebar">{writer.links(4 + sections // 3)}</div>'
        f'<footer class="site-footer"><p>{writer.words(3, 9)}</p>{writer.links(rng.randint(3, 6))}</footer>'
    )
    script = " ".join(rng.choices(writer.vocabulary, k=len(body) // 32))
    html = (
        f'<!doctype html><html lang="en"><head><title>{title} | {writer.words(1, 2)}</title></head>'
        f'<body>{writer.wrap(body, 4)}<script>var words = "{script}"</script></body></html>'
    ).encode()
    url = f"https://example.org/{rng.choice(writer.vocabulary)}/{seed}"
    labels = [{label.partition(".")[0] for label in block.path} for block in read_page(html, url=url).blocks]
    gold = tuple(i for i, names in enumerate(labels, 1) if "article" in names and "aside" not in names)
    return Case(f"synthetic-{seed}-{sections}", "me", html=html, url=url, gold=gold)


class _Writer:
    """Writes the parts of a page. The order of its random numbers is fixed: another one gives other pages."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.vocabulary = _WORDS.split()

    def words(self, low: int, high: int) -> str:
        return " ".join(self.rng.choices(self.vocabulary, k=self.rng.randint(low, high))).capitalize()

    def prose(self, count: int) -> str:
        sentences = [f"{self.words(6, 16)}{self.rng.choice(('.', '.', '.', '?'))}" for _ in range(count)]
        return " ".join(sentences).replace(" stone ", ' <a href="/stone">stone</a> ').replace(" often ", ", often ")

    def wrap(self, html: str, levels: int = 2) -> str:
        rng = self.rng
        for level in range(levels):
            style = f"padding:{rng.randint(0, 40)}px {rng.randint(0, 40)}px;max-width:{rng.randint(300, 1400)}px"
            html = f'<div class="wrapper row-{level} col-md-{rng.randint(1, 12)}" style="{style}">{html}</div>'
        return html

    def links(self, count: int) -> str:
        rng, vocabulary = self.rng, self.vocabulary
        items = (
            f'<li class="item item-{rng.randint(100, 9999)}" data-position="{i}"><a class="link link-{i % 7}" '
            f'href="/{rng.choice(vocabulary)}/{rng.choice(vocabulary)}-{i}" data-track="{rng.getrandbits(96):024x}">'
            f"<span>{self.words(1, 5)}</span>{_ICON}</a></li>"
            for i in range(count)
        )
        return self.wrap(f'<ul class="list">{"".join(items)}</ul>')

    def section(self) -> str:
        rng = self.rng
        kind = rng.random()
        if kind < 0.55:
            return "".join(self.wrap(f"<p>{self.prose(rng.randint(1, 5))}</p>", 3) for _ in range(rng.randint(1, 3)))
        if kind < 0.7:
            items = "".join(f"<li>{self.wrap(self.words(3, 14))}</li>" for _ in range(rng.randint(3, 7)))
            return self.wrap(f"<ul>{items}</ul>")
        if kind < 0.8:
            rows = (
                f"<tr><th>{self.words(1, 2)}</th><td>{rng.randint(1, 999)}</td></tr>" for _ in range(rng.randint(3, 6))
            )
            return self.wrap(f"<table><tbody>{''.join(rows)}</tbody></table>")
        if kind < 0.9:
            return self.wrap(f"<h2>{self.words(2, 7)}</h2>") + self.wrap(f"<p>{self.prose(2)}</p>", 3)
        return f'<aside class="related"><h3>{self.words(1, 3)}</h3>{self.links(rng.randint(2, 6))}</aside>'

    def comment(self) -> str:
        author = f'<span class="author">{self.words(1, 2)}</span>'
        text = self.wrap(f"<p>{self.prose(self.rng.randint(1, 2))}</p>")
        return f'<div class="comment" id="c{self.rng.randint(1, 99999)}">{self.wrap(author + text)}</div>'
