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

The format follows the paper (arXiv 2512.06641); the words are ours.

- `Page:` shows the types that the page states of itself (`Page.kinds`) and its features.
- A line is a marker and a body. They are tokenized apart and joined. So `[12]` is the same tokens on every page, and a
  window can number its lines from 1 without tokenizing them again.
- `plain` is the paper's `[i] <tag>content</tag>`. `structural` puts two things before the text: words of the class
  names of the block's ancestors, and a group of features. Most of what tells main content from boilerplate is there.
- The features of a block are digits from 0 to 9. `s`: tree score. `w`: words (log2). `d`: link density. `m`: levels to
  the element that holds most of the prose. `n`: blocks on the same path (log2). For a query, `q`: share of the query's
  weight in the block; `z`: the same, relative to the page's best block.
- The features of the page: `b` blocks (log2), `w` words (2/3 of log2), `d` link density, `x` share of blocks that are
  prose, `y` share of the prose in the element that holds most of it, `z` share of blocks on the most frequent path.
- A line is one block, except for blocks that are fixed by the trees: `s0`, and for main content `s9`. A run of these is
  one line, with the words, links and number of blocks (`r`, log2) of all of them and the first `_FIXED_UNITS` units of
  text. A run of kept blocks begins anew at a heading, so that it is a section. Most blocks of most pages are menus: as
  one line they cost little, and a window reaches three times as far.
- `query_last` puts the query before the closing instruction and shows nothing else of it. What a model has read of a
  page then serves all queries on it.
- A long block shows its head and its tail, or the passage that matches the query (`indexlm.text.clip`).
- `<|` cannot occur in a rendered text: no page can write a control token of a chat template.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from indexlm.layout import Layout, PageLayout, measure_layout
from indexlm.page import IndexLMError, Page
from indexlm.query_match import QueryMatch, match_query
from indexlm.text import begin, clip, word_set

PROMPT_FORMAT = 1
"""The version of the format. It rises with any change to what `render` returns for the same page: in the constants
below, in `indexlm.text`, `indexlm.layout` or `indexlm.query_match`. A checkpoint states its version."""

Profile = Literal["plain", "structural"]
PROFILES: tuple[Profile, ...] = ("plain", "structural")

CHAT_END = "<|im_end|>"
"""The end of a message in ChatML, the chat template of Qwen3."""
NO_THINKING = "<think>\n\n</think>\n\n"
"""What Qwen3's chat template puts before an answer when thinking is off."""

# Part of the prompt format.
_ANSWER = "Answer with intervals of block numbers like [[2,4],[7,7]], or NA."
SYSTEM_ME = f"Keep the main content of a web page: no menus, ads, footers. {_ANSWER}"
SYSTEM_QE = f"Keep the blocks of a web page that answer the query. {_ANSWER}"
_CLOSING_ME = "Main content:"
_CLOSING_QE = "Blocks that answer the query:"
_URL_UNITS = 8
_TITLE_UNITS = 10
_QUERY_UNITS = 48
_FIXED_UNITS = 2
_SCHEME = re.compile(r"https?://(www\.)?")
_OPEN_MATCH = 0.3  # of the best block's match; a block that matches the query better is never fixed
_SCORE_STEPS = (0.04, 0.08, 0.16, 0.27, 0.42, 0.58, 0.73, 0.86, 0.96)  # tree scores are shown as one of ten steps
_PATH_WORDS = 3
_LANDMARKS = word_set("main article nav aside header footer table blockquote form")
_EMPTY_WORDS = word_set(
    "div section span row col container wrapper wrap inner outer flex grid block clearfix wp elementor "
    "widget element module component desktop mobile bg px py mt mb ml mr pt pb sm md lg xl text font"
)


class Prompt(NamedTuple):
    """A page as text: `bodies[i]` follows the marker of line i + 1, to the end of the line.

    The line holds the blocks from `bounds[i]` to `bounds[i + 1]` (0-based, half open). `fixed[i]` says whether the
    trees keep these blocks; it is None where that is open.
    """

    system: str
    header: str
    bodies: list[str]
    bounds: list[int]
    fixed: list[bool | None]
    closing: str

    def user(self, first: int = 1, last: int | None = None) -> str:
        """The user's message over lines `first` to `last` (1-based, both inclusive), numbered from 1."""
        lines = (marker(i) + body for i, body in enumerate(self.bodies[first - 1 : last], 1))
        return "\n".join([self.header, *lines, self.closing])


def marker(index: int) -> str:
    """Block number -> `[12]`."""
    return f"[{index}]"


def render(
    page: Page,
    profile: Profile = "structural",
    block_units: int = 16,
    tree_scores: Sequence[float] | None = None,
    layout: Layout | None = None,
    query_last: bool = False,
) -> Prompt:
    """A page -> its prompt, with at most `block_units` units (about a token each) of a block's text.

    The structural profile shows `tree_scores` (of each block the probability that it is main content), and is shorter
    where these are near 0 or 1. `layout` is the page's own, where it is known. With `query_last` everything but the
    closing is the same for all queries. Raises `IndexLMError` for an unknown profile and for less than 4 units.
    """
    if profile not in PROFILES:
        raise IndexLMError(f"the render profile is one of {', '.join(PROFILES)}; found {profile!r}")
    if block_units < 4:
        raise IndexLMError(f"a block needs at least 4 units of text; found {block_units}")
    address = clip(_SCHEME.sub("", page.url, count=1), _URL_UNITS)
    header = [f"URL: {_one_line(address)}", f"Title: {_one_line(clip(page.title, _TITLE_UNITS))}"]
    system, closing = (SYSTEM_QE, _CLOSING_QE) if page.query else (SYSTEM_ME, _CLOSING_ME)
    query = f"Query: {_one_line(clip(page.query, _QUERY_UNITS))}" if page.query else ""
    if query and query_last:
        closing = f"{query}\n{closing}"
    elif query:
        header.append(query)
    if profile == "plain":
        bodies = [f" <{b.tag}>{_one_line(clip(b.text, block_units))}</{b.tag}>" for b in page.blocks]
        bounds = list(range(len(bodies) + 1))
        fixed: list[bool | None] = [None for _ in bodies]
    else:
        layout = layout or measure_layout(page)
        header.append(" ".join(["Page:", *(_one_line(kind[:20]) for kind in page.kinds[:2]), _page_group(layout.page)]))
        bodies, bounds, fixed = _structural(page, layout, block_units, tree_scores, query_last)
    return Prompt(system, "\n".join([*header, "Blocks:"]), bodies, bounds, fixed, closing)


def chat_frame(system: str, closing: str, assistant_prefix: str = "") -> tuple[str, str]:
    """What stands before the header and after the last block, in ChatML.

    `assistant_prefix` is what the chat template puts before the answer.
    """
    return (
        f"<|im_start|>system\n{system}{CHAT_END}\n<|im_start|>user\n",
        f"{closing}{CHAT_END}\n<|im_start|>assistant\n{assistant_prefix}",
    )


def chat(contents: Mapping[str, str]) -> str:
    """Messages by role, in order -> the whole conversation in ChatML."""
    return "".join(f"<|im_start|>{role}\n{content}{CHAT_END}\n" for role, content in contents.items())


def task_frame(task: str, assistant_prefix: str = "") -> tuple[str, str]:
    """`me` or `qe` -> its `chat_frame`."""
    system, closing = (SYSTEM_QE, _CLOSING_QE) if task == "qe" else (SYSTEM_ME, _CLOSING_ME)
    return chat_frame(system, closing, assistant_prefix)


def _structural(
    page: Page, layout: Layout, block_units: int, tree_scores: Sequence[float] | None, query_last: bool
) -> tuple[list[str], list[int], list[bool | None]]:
    """The bodies of a page's lines, their bounds, and which of them are fixed."""
    steps = [""] * len(page.blocks)
    if tree_scores is not None:
        steps = [f"s{bisect_right(_SCORE_STEPS, score)}" for score in tree_scores]
    any_may_answer = bool(page.query) and query_last
    match = QueryMatch([], {}) if any_may_answer else match_query(page)
    best = max(match.shares, default=0.0) or 1.0
    paths: dict[tuple[str, ...], str] = {}  # most blocks share theirs with another
    bodies: list[str] = []
    bounds: list[int] = []
    fixed: list[bool | None] = []
    run = ""  # the step of the fixed blocks that the current line holds
    for i, (block, step) in enumerate(zip(page.blocks, steps, strict=True)):
        share = match.shares[i] if match.shares else 0.0
        is_fixed = (step == "s9" and not page.query) or (step == "s0" and share < _OPEN_MATCH * best)
        is_fixed &= not any_may_answer
        if run and (not is_fixed or step != run or (step == "s9" and block.is_heading)):
            bodies.append(_fixed_body(page, layout, bounds[-1], i, run))
            run = ""
        if is_fixed:
            if not run:
                bounds.append(i)
                fixed.append(step == "s9")
            run = step
            continue
        bounds.append(i)
        fixed.append(None)
        if block.path not in paths:
            paths[block.path] = _path_words(block.path)
        group = f"{step}w{_log(layout.words[i])}d{_share(block.link_density)}"
        group += f" m{min(9, layout.prose_levels[i])}n{_log(layout.alike[i])}"
        if match.shares:
            group += f" q{_share(share)}z{_share(share / best)}"
        hidden = " hidden" if block.hidden else ""
        text = clip(block.text, block_units, match.weights if share else {})
        bodies.append(f" {block.tag}{hidden}{paths[block.path]} {group}: {_one_line(text)}")
    if run:
        bodies.append(_fixed_body(page, layout, bounds[-1], len(page.blocks), run))
    return bodies, [*bounds, len(page.blocks)], fixed


def _fixed_body(page: Page, layout: Layout, start: int, stop: int, step: str) -> str:
    """The body of a line that holds the fixed blocks from `start` to `stop`."""
    first = page.blocks[start]
    words = sum(layout.words[start:stop])
    links = sum(layout.words[i] * page.blocks[i].link_density for i in range(start, stop))
    group = f"{step}w{_log(words)}d{_share(links / words)}r{_log(stop - start)}"
    return f" {first.tag} {group}: {_one_line(begin(first.text, _FIXED_UNITS))}"


def _page_group(page: PageLayout) -> str:
    return (
        f"b{min(9, int(page.blocks))}w{min(9, int(page.words) * 2 // 3)}"
        f" d{_share(page.link_density)}x{_share(page.prose_blocks)}"
        f" y{_share(page.prose_share)}z{_share(page.largest_path)}"
    )


def _log(count: int) -> int:
    return min(9, count.bit_length() - 1) if count > 0 else 0


def _share(share: float) -> int:
    """A share -> 0 for (nearly) none, 9 for (nearly) all, 1 to 8 between."""
    if share <= 0.02:
        return 0
    return 9 if share >= 0.95 else 1 + int(share * 8.42)


def _one_line(text: str) -> str:
    """Text on one line, without control tokens."""
    return " ".join(text.replace("<|", "< |").encode("utf-8", "replace").decode().split())


def _path_words(path: tuple[str, ...]) -> str:
    """The words of a block's ancestors, nearest first: landmarks, and class names that say something."""
    words: dict[str, None] = {}
    for label in reversed(path):
        tag, *names = label.split(".")
        telling = [name for name in names if name not in _EMPTY_WORDS]
        if tag in _LANDMARKS:
            telling.insert(0, tag)
        words.update(dict.fromkeys(telling[:2]))
        if len(words) >= _PATH_WORDS:
            break
    shown = list(words)[:_PATH_WORDS]
    if len(words) >= _PATH_WORDS:
        # The outermost landmark tells more than the last class name.
        outermost = next((tag for label in path if (tag := label.partition(".")[0]) in _LANDMARKS), None)
        if outermost and outermost not in shown:
            shown[-1] = outermost
    return "".join(f" {word}" for word in shown)
