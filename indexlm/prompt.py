"""The rendered prompt: what both heads read, byte for byte.

    system   what to keep and how to answer (one text for ME, one for QE)
    user     URL: example.org/…                      (without scheme and `www.`)
             Title: …
             Query: …                                (QE alone)
             Page: article b7w6 d3x4 y8z2            (structural alone)
             Blocks:
             [1] li s0w6d9r4: Contact
             [2] h1 post title s8w3d0 m0n0: The first heading
             [3] p post body s8w6d1 m0n4: A paragraph that is long … and cut.
             (closing instruction)

The format follows the paper (arXiv 2512.06641); the words are ours. Decisions that the format carries:

- A line is a marker and a body. They are tokenized apart and joined: `[12]` is the same tokens on every
  page, and a window can number its blocks from 1 without tokenizing again.
- `plain` is the paper's `[i] <tag>content</tag>`. `structural` puts words of its ancestors' class names and
  the block's figures before the text, because most of what tells main content from boilerplate is there: `s`
  how sure the trees are that it is main content, where the model has trees, `w` words, `d` link density, `m` the
  levels to the element that holds most of the prose, `n` blocks on the same path; for a query, `q` how much of its
  weight the block holds and `z` the same by the page's best block. All go from 0 to 9; w, n, b are log2. Of the
  page: `b` blocks, `w` words (2/3 of log2), `d` link density, `x` share of blocks that are prose, `y` share of the
  prose in the element that holds most, `z` share of blocks on the most frequent path.
- A line is one block, but for settled blocks, of which the trees are sure (`s0`, and for main content `s9`): a run of
  them is one line, with the words, links and number of blocks (`r`, log2) of all and `_SETTLED_UNITS` of the first
  one's text. A kept run begins anew at a heading, so that it is a section. Most blocks of most pages are menus: told of
  as a whole, they cost little, and a window reaches three times as far.
- `query_last` puts the query before the closing instruction, and shows nothing else of it: what a model has read of a
  page then serves all its queries.
- A long block shows its head and its tail (three quarters and one quarter of the budget); where it holds terms of the
  query, in `structural`, a quarter is its head, and the rest the passage with most of their weight. The budget counts
  units of text that are about a token in any tokenizer: a run of up to seven letters, of up to three digits, or one
  other character.
- `<|` cannot occur in a rendered text, so no page can write a chat template's control tokens.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from indexlm.figures import Figures, find_terms, measure
from indexlm.page import IndexLMError, Page

__all__ = [
    "PROFILES",
    "SYSTEM_ME",
    "SYSTEM_QE",
    "Profile",
    "Prompt",
    "clip",
    "marker",
    "render",
    "scaffold",
]

Profile = Literal["plain", "structural"]
PROFILES: tuple[Profile, ...] = ("plain", "structural")

_ANSWER = "Answer with intervals of block numbers like [[2,4],[7,7]], or NA."
SYSTEM_ME = f"Keep the main content of a web page: no menus, ads, footers. {_ANSWER}"
SYSTEM_QE = f"Keep the blocks of a web page that answer the query. {_ANSWER}"
_CLOSING_ME = "Main content:"
_CLOSING_QE = "Blocks that answer the query:"


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


_UNIT = r"\s*(?:[A-Za-z]{1,7}|\d{1,3}|[^\sA-Za-z\d])"
_ONE_UNIT = re.compile(_UNIT)
_URL_UNITS = 8
_TITLE_UNITS = 10
_QUERY_UNITS = 48
_SETTLED_UNITS = 2
_SCHEME = re.compile(r"https?://(www\.)?")
_SETTLED_MATCH = 0.3  # of the best block's; one that matches the query better is never settled
_SURE = (0.04, 0.08, 0.16, 0.27, 0.42, 0.58, 0.73, 0.86, 0.96)  # what the trees' probabilities are cut at
_PATH_WORDS = 3
_LANDMARKS = _names("main article nav aside header footer table blockquote form")
_EMPTY_WORDS = _names(
    "div section span row col container wrapper wrap inner outer flex grid block clearfix wp elementor "
    "widget element module component desktop mobile bg px py mt mb ml mr pt pb sm md lg xl text font"
)


class Prompt(NamedTuple):
    """A page as text: `bodies[i]` follows the marker of line i + 1, to the end of it.

    The line holds the blocks from `bounds[i]` to `bounds[i + 1]` (0-based, half open). `settled[i]` says what the trees
    are sure of: whether these blocks are kept; it is None where that is open.
    """

    system: str
    header: str
    bodies: list[str]
    bounds: list[int]
    settled: list[bool | None]
    closing: str

    def user(self, first: int = 1, last: int | None = None) -> str:
        """The user's message over lines `first` to `last` (1-based, inclusive), numbered from 1."""
        lines = (marker(i) + body for i, body in enumerate(self.bodies[first - 1 : last], 1))
        return "\n".join([self.header, *lines, self.closing])


def marker(index: int) -> str:
    """Block number -> `[12]`."""
    return f"[{index}]"


def render(
    page: Page,
    profile: Profile = "structural",
    block_units: int = 16,
    hints: Sequence[float] | None = None,
    figures: Figures | None = None,
    query_last: bool = False,
) -> Prompt:
    """A page -> its prompt; a block's text is given at most `block_units` units (about a token each).

    The structural profile shows `hints`, how likely each block is main content (0 to 1), and is shorter where they are
    sure. `figures` are the page's own, where they have been measured before. With `query_last` all but
    the closing is the same for all queries.
    """
    if profile not in PROFILES:
        raise IndexLMError(f"the render profile is one of {', '.join(PROFILES)}; found {profile!r}")
    if block_units < 4:
        raise IndexLMError(f"a block needs at least 4 units of text; found {block_units}")
    address = clip(_SCHEME.sub("", page.url, count=1), _URL_UNITS)
    header = [f"URL: {_line(address)}", f"Title: {_line(clip(page.title, _TITLE_UNITS))}"]
    system, closing = (SYSTEM_QE, _CLOSING_QE) if page.query else (SYSTEM_ME, _CLOSING_ME)
    query = f"Query: {_line(clip(page.query, _QUERY_UNITS))}" if page.query else ""
    if query and query_last:
        closing = f"{query}\n{closing}"
    elif query:
        header.append(query)
    if profile == "plain":
        bodies = [f" <{b.tag}>{_line(clip(b.text, block_units))}</{b.tag}>" for b in page.blocks]
        bounds = list(range(len(bodies) + 1))
        settled: list[bool | None] = [None for _ in bodies]
    else:
        figures = figures or measure(page)
        header.append(" ".join(["Page:", *(_line(kind[:20]) for kind in page.kinds[:2]), _of_page(figures)]))
        bodies, bounds, settled = _structural(page, figures, block_units, hints, query_last)
    return Prompt(system, "\n".join([*header, "Blocks:"]), bodies, bounds, settled, closing)


def scaffold(task: str, opening: str = "") -> tuple[str, str]:
    """`me` or `qe` -> what stands before the header and after the last block, in ChatML as Qwen3 reads it.

    `opening` is what the chat template puts before the answer.
    """
    system, closing = (SYSTEM_QE, _CLOSING_QE) if task == "qe" else (SYSTEM_ME, _CLOSING_ME)
    return (
        f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n",
        f"{closing}<|im_end|>\n<|im_start|>assistant\n{opening}",
    )


def _structural(
    page: Page,
    figures: Figures,
    block_units: int,
    hints: Sequence[float] | None,
    query_last: bool,
) -> tuple[list[str], list[int], list[bool | None]]:
    """The bodies of a page's lines, their bounds, and which of them are settled."""
    surest = [""] * len(page.blocks)
    if hints is not None:
        surest = [f"s{bisect_right(_SURE, p)}" for p in hints]
    best = max(figures.matches, default=0.0) or 1.0
    unknown = bool(page.query) and query_last  # any block may answer
    paths: dict[tuple[str, ...], str] = {}  # most blocks share theirs with another
    bodies: list[str] = []
    bounds: list[int] = []
    verdicts: list[bool | None] = []
    run = ""  # what the trees say of the settled blocks that the line to come holds so far
    for i, (block, sure) in enumerate(zip(page.blocks, surest, strict=True)):
        match = figures.matches[i] if page.query else 0.0
        settled = (sure == "s9" and not page.query) or (sure == "s0" and match < _SETTLED_MATCH * best)
        settled &= not unknown
        if run and (not settled or sure != run or (sure == "s9" and block.is_heading)):
            bodies.append(_settled(page, figures, bounds[-1], i, run))
            run = ""
        if settled:
            if not run:
                bounds.append(i)
                verdicts.append(sure == "s9")
            run = sure
            continue
        bounds.append(i)
        verdicts.append(None)
        if block.path not in paths:
            paths[block.path] = _path(block.path)
        group = f"{sure}w{_log(figures.words[i])}d{_share(block.link_density)}"
        group += f" m{min(9, figures.prose_levels[i])}n{_log(figures.alike[i])}"
        if page.query and not unknown:
            group += f" q{_share(match)}z{_share(match / best)}"
        hidden = " hidden" if block.hidden else ""
        text = clip(block.text, block_units, figures.terms if match and not unknown else {})
        bodies.append(f" {block.tag}{hidden}{paths[block.path]} {group}: {_line(text)}")
    if run:
        bodies.append(_settled(page, figures, bounds[-1], len(page.blocks), run))
    return bodies, [*bounds, len(page.blocks)], verdicts


def _settled(page: Page, figures: Figures, start: int, stop: int, sure: str) -> str:
    """The body of a line that holds the settled blocks from `start` to `stop`."""
    first = page.blocks[start]
    words = sum(figures.words[start:stop])
    links = sum(figures.words[i] * page.blocks[i].link_density for i in range(start, stop))
    group = f"{sure}w{_log(words)}d{_share(links / words)}r{_log(stop - start)}"
    return f" {first.tag} {group}: {_line(_begin(first.text, _SETTLED_UNITS))}"


def _of_page(figures: Figures) -> str:
    blocks, words, links, prose, gathered, largest = figures.page
    return (
        f"b{min(9, int(blocks))}w{min(9, int(words) * 2 // 3)} d{_share(links)}x{_share(prose)}"
        f" y{_share(gathered)}z{_share(largest)}"
    )


def _log(count: int) -> int:
    return min(9, count.bit_length() - 1) if count > 0 else 0


def _share(share: float) -> int:
    """A share -> 0 for (nearly) none, 9 for (nearly) all, 1 to 8 between."""
    if share <= 0.02:
        return 0
    return 9 if share >= 0.95 else 1 + int(share * 8.42)


def _line(text: str) -> str:
    """Text that stays on its line and cannot write a control token."""
    return " ".join(text.replace("<|", "< |").encode("utf-8", "replace").decode().split())


def _path(path: tuple[str, ...]) -> str:
    """The words of a block's ancestors, nearest first: landmarks, and class names that say something."""
    found: dict[str, None] = {}
    for label in reversed(path):
        tag, *names = label.split(".")
        said = [name for name in names if name not in _EMPTY_WORDS]
        if tag in _LANDMARKS:
            said.insert(0, tag)
        found.update(dict.fromkeys(said[:2]))
        if len(found) >= _PATH_WORDS:
            break
    kept = list(found)[:_PATH_WORDS]
    if len(found) >= _PATH_WORDS:
        # The outermost landmark tells more than the last class name.
        outermost = next((tag for label in path if (tag := label.partition(".")[0]) in _LANDMARKS), None)
        if outermost and outermost not in kept:
            kept[-1] = outermost
    return "".join(f" {word}" for word in kept)


def clip(text: str, units: int, terms: Mapping[str, float] | None = None) -> str:
    """Text -> at most `units` units of it: the head, and from a longer text the tail after ` … `.

    A longer text that holds some of `terms` shows less of its head, and the passage with most of their weight.
    """
    whole = _units(units)
    if (match := whole.match(text)) is None or match.end() >= len(text.rstrip()):
        return text
    if terms and (places := find_terms(text, terms)):
        return _passage(text, units, places, terms)
    # Read backwards, a unit is the same but for its leading space; enough characters for any unit.
    tail = _begin(text.rstrip()[: -64 * (units // 4) - 1 : -1], units // 4)[::-1].strip()
    return f"{_begin(text, units - units // 4)} … {tail}"


def _passage(text: str, units: int, places: Sequence[tuple[int, str]], terms: Mapping[str, float]) -> str:
    """A text longer than `units` -> a quarter of them from its head, the others where most of the terms' weight is."""
    starts = [match.start() for match in _ONE_UNIT.finditer(text.rstrip())]
    room = units - units // 4
    found = [(bisect_right(starts, place) - 1, term) for place, term in places]
    most, first, last = 0.0, 0, 0
    for i, (begin, _) in enumerate(found):
        near = [(at, term) for at, term in found[i : i + room] if at < begin + room]
        weight = sum(terms[term] for term in {term for _, term in near})
        if weight > most:
            most, first, last = weight, begin, near[-1][0]
    begin = min(first - (room - (last - first)) // 2, len(starts) - room)
    if begin <= units // 4:
        return f"{_begin(text, units)} …"
    # Not from the middle of a word, where words are told by spaces.
    space = text.find(" ", starts[begin], starts[first] + 1)
    passage = _begin(text[starts[begin] if space < 0 else space :], room).strip()
    return f"{_begin(text, units // 4)} … {passage}" + " …" * (begin + room < len(starts))


def _begin(text: str, units: int) -> str:
    """Text -> its first `units` units, and no half of a word where it can be helped."""
    match = _units(units).match(text)
    assert match is not None  # for it may match the empty string
    head = match.group()
    if len(head) < len(text) and head[-1:].isalpha() and text[len(head)].isalpha() and " " in head.strip():
        return head.rpartition(" ")[0]
    return head


_compiled: dict[int, re.Pattern[str]] = {}


def _units(count: int) -> re.Pattern[str]:
    if count not in _compiled:
        _compiled[count] = re.compile(f"(?:{_UNIT}){{0,{count}}}")
    return _compiled[count]
