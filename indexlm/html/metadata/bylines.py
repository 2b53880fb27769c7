"""Who wrote a page, by what it shows to its readers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from lxml import etree

from indexlm.html.metadata.people import without_place
from indexlm.html.tree_edits import text_of
from indexlm.patterns import late

_BY = (
    r"(?:(?:(?:[Ww]ritten|[Pp]osted|[Ww]ords|[Tt]ext|[Ss]tory|[Rr]eport(?:ed|ing)?)\s)?[Bb]y|BY|[Vv]on|[Pp]ar|[Pp]or"
    r"|[Dd]oor|[Aa]v|[Aa]f|[Dd]i)"
)
_BY_NAME = late(rf"(?:{_BY}|Authors?):?\s+(\S.*)")
_ROLE = late(
    r",\s[^,]{0,40}\b(?:writer|reporter|editor|correspondent|columnist|contributor|journalist|staff)s?\b.*"
    r"|[,.]?\s(?:and\s)?(?:photo\w*|pictures?|illustrations?|videos?|graphics?)\sby\b.*"
    r"|\s(?:e-?mail|contact|follow|view|read|posted|published|updated)\b.*",
    re.IGNORECASE,
)
"""What a person is, who else had a part, and links, behind the name."""
_NO_PEOPLE = late(
    r"(?:the|a|an|our|public|train|bus|tram|car|bike|bicycle|boat|ferry|foot|air|plane|sea|land|road|rail|mail|e-?mail"
    r"|post|phone|telephone|fax)\b",
    re.IGNORECASE,
)
"""Ways to come and to write, behind `By`."""
_BYLINE = late(
    r"(?:^|[\s_-])(?:by-?line|(?:post|entry|article|meta)[_-]author|author[_-]?name|aut(?:eu|o)re?|verfasser(?:in)?)"
    r"(?:$|\s)",
    re.IGNORECASE,
)
_OWN_NAME = late(
    r"(?:wp-block-)?(?:post|entry|article)[_-]author(?:(?:[_-]|__)name)?|author[_-]?name|p-author|author|aut(?:eu|o)re?"
)
_OF_AUTHORS = ("author", "autor", "auteur", "autore", "writer")
_OWN_NAMES = frozenset(["author", "vcard"])
"""A class, or two, of an element that holds the name of the author and no more, as themes of WordPress write it."""
_NO_NAME = late(r"(?:about|more|all|view|posts|articles|follow|über|à propos)\b", re.IGNORECASE)
_MOST_BYLINE = 80  # characters
_MOST_LINE = 120  # characters of a line of data about the page
_NAME = r"[^\W\d_][\w.'’-]*"
_NAMES_OF_PEOPLE = late(
    rf"(?:{_NAME},?)(?:\s(?:[^\W\d_a-z][\w.'’-]*,?|and|und|et|y|e|och|og|&|de|van|von|der|da|del|la|bin|al)){{1,9}}"
)
_NAMED_AUTHOR = late(
    r"\s*(?:作者|撰文|著者|ライター|文|執筆|取材・文|記者|记者|文責|글|글쓴이|بقلم|كتبت?|الكاتب|автор|текст|מאת|लेखक|autore?|auteur|author|autorin|yazar"
    r"|tekst|text|συντάκτης|συγγραφέας|tác giả|ผู้เขียน)\s*[:：]\s*([^\W\d_][^\d:：/|]{0,30}[^\W\d_])(?=\s*(?:$|[/|\n]))",
    re.IGNORECASE,
)
_NAMED_WITHIN = late(
    r"(?:作者|撰文|記者|记者)\s*[:：]\s*([\u3400-\u9fff·]{2,8})(?=\s|$|[/|])|^\s*(?:記者|记者)\s+([\u3400-\u9fff·]{2,4})\s*$"
    r"|^\s*([가-힣]{2,4})\s?기자\s*$"
)
_DATED = late(
    rf"{_BY}\s+({_NAME}(?:\s(?:[^\W\d_a-z][\w.'’-]*|and|und|et|y|e|de|van|von|der|da|del|la)){{1,5}})"
    r"(?:\s*[|·•,–—-]\s*|\s+on\s+)[^\n]{0,30}\b(?:19|20)\d\d\b.{0,40}"
)
"""A line below the heading that says who wrote the page, and when."""
_COMMENTS = frozenset(
    ["comment", "comments", "commentlist", "comment-list", "comment-body", "comment-content", "h-cite"]
)
_OTHERS = late(
    r"(?:^|[\s_-])(?:related|recommend\w*|suggested|sidebar|trending|popular|widgets?|read-?(?:more|next)|latest)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Names of what holds other pages and who wrote these."""
_MOST_NAMES = 1000  # characters of the classes of an element that are looked at
_LEVELS = 8  # around a name, up to the comment that it stands in
_LINES_BELOW = 8  # elements behind the heading in which such a line is looked for

_to_authors: Any = etree.XPath("//a[contains(@href, '/author/') or contains(@href, '/authors/')]")
_called: Any = etree.XPath(
    "//*[contains(@class, 'author') or contains(@class, 'writer') or contains(@class, 'line') or"
    " contains(@class, 'autor') or contains(@class, 'auteur') or contains(@class, 'verfasser') or"
    " contains(@class, 'info') or contains(@class, 'meta') or contains(@class, 'source')]"
)


def find_bylines(root: Any) -> list[str]:
    """The root element -> the names in the first element that is called a byline and says that it is one: `By Ada Roe`.

    Without one, the name in elements for nothing else, if all of them hold the same, or in a dated line below the
    heading.
    """
    own: dict[str, None] = {}
    for element in _called(root):
        names = element.get("class")
        text = _beginning(element)
        is_author = any(name in names.lower() for name in _OF_AUTHORS)
        named = _NAMED_AUTHOR.match(text[:_MOST_BYLINE]) if is_author else None
        if named and (not named.group().isascii() or _NAMES_OF_PEOPLE.fullmatch(named.group(1))):
            return [named.group(1)]
        if len(text) <= _MOST_LINE and not text.isascii() and (named := _NAMED_WITHIN.search(text)):
            return [named[named.lastindex or 1]]
        if len(text) > _MOST_BYLINE:
            continue
        line = " ".join(text.split())
        by_name = _BY_NAME.fullmatch(line)
        name = without_place(_ROLE.sub("", by_name.group(1))) if by_name else ""
        if name and _BYLINE.search(names) and _NAMES_OF_PEOPLE.fullmatch(name):
            return [name]
        is_own = is_author and _holds_name(names) and not _NO_NAME.match(line)
        if is_own and not (_is_of_comment(element) or is_of_others(element)):
            own[name or line] = None
    if len(own) == 1 and all(map(_NAMES_OF_PEOPLE.fullmatch, own)):
        return [*own]
    dated = (match.group(1) for match in map(_DATED.fullmatch, _below_heading(root)) if match)
    return [name for name in dated if not _NO_PEOPLE.match(name)][:1] or _linked_names(root)


def _linked_names(root: Any) -> list[str]:
    """The one name of a person that links to the pages of an author hold, wherever they stand."""
    links = (link for link in _to_authors(root) if not (_is_of_comment(link) or is_of_others(link)))
    names = {text_of(link) for link in links} - {""}
    return [*names] if len(names) == 1 and all(map(_NAMES_OF_PEOPLE.fullmatch, names)) else []


def is_of_others(element: Any) -> bool:
    """Whether an element stands beside the page's content, or in a list of other pages."""
    around = [*islice(element.iterancestors(), _LEVELS)]
    return any(
        other.tag in ("aside", "nav", "footer")
        or _OTHERS.search(f"{other.get('class')} {other.get('id')}"[:_MOST_NAMES])
        for other in around
    )


def marked_authors(marked: Iterable[Any]) -> list[str]:
    """Elements with microdata -> the authors that they name outside of any item, which are those of the page."""
    authors = []
    for element in marked:
        if element.get("itemprop") == "author" and not is_of_item(element):
            names = [part for part in element.iter("*") if part.get("itemprop") == "name"]
            authors += ["".join(name.itertext()) for name in names[:1] or [element]]
    return authors


def is_of_item(element: Any) -> bool:
    """Whether an element stands in an item of microdata."""
    return any(around.get("itemscope") is not None for around in element.iterancestors())


def _beginning(element: Any) -> str:
    """The first characters of an element: one more than those of a line, if it holds so many."""
    parts: list[str] = []
    size = 0
    for text in element.itertext():
        parts.append(text)
        size += len(text)
        if size > _MOST_LINE:
            break
    return "".join(parts)[: _MOST_LINE + 1]


def _holds_name(names: str) -> bool:
    """Whether classes are those of an element that holds the name of the author and no more."""
    own = names.split()
    return _OWN_NAMES.issubset(own) or any(map(_OWN_NAME.fullmatch, own))


def _is_of_comment(element: Any) -> bool:
    """Whether an element stands in what a reader wrote below the page."""
    around = [element, *islice(element.iterancestors(), _LEVELS)]
    return any(
        not _COMMENTS.isdisjoint(f"{other.get('class')} {other.get('id')}"[:_MOST_NAMES].lower().split())
        for other in around
    )


def _below_heading(root: Any) -> Iterator[str]:
    """The short lines behind the first heading of a page."""
    elements = root.iter("h1", "p", "div", "span", "address")
    if next((element for element in elements if element.tag == "h1"), None) is not None:
        for element in islice(elements, _LINES_BELOW):
            text = text_of(element) if len(element) < _LINES_BELOW else ""
            if len(text) <= _MOST_LINE:
                yield text
