"""The tables of a built data set, and its card."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from math import ceil

from huggingface_hub import DatasetCardData

from heads.settings import Settings
from indexlm import __version__
from train.data.writer import Group, Summary

Table = tuple[str, list[str], list[list[str]]]
"""A title, columns and rows."""

_HUB_LICENCES = {"": "unknown", "odc-by-1.0": "odc-by", "licenseref-ms-marco": "other"}
_SIZES = ((1000, "n<1K"), (10_000, "1K<n<10K"), (1 << 60, "n>10K"))
_UNKNOWN = "none stated"
_COUNTS = ["train", "eval", "NA", "positive blocks", "median tokens", "95 % tokens", "most tokens"]


def tables(summary: Summary) -> list[Table]:
    """A summary -> its tables: rows by source, task and language, and what was left out."""
    by_source = [
        [*(name or _UNKNOWN for name in key), *_counts([group])[:-2]] for key, group in sorted(summary.groups.items())
    ]
    by_task = [
        [task, *_counts([group for (_, name, _), group in summary.groups.items() if name == task])]
        for task in sorted({task for _, task, _ in summary.groups})
    ]
    by_language = [
        [lang or _UNKNOWN, *(str(summary.languages[lang, task]) for task in ("me", "qe"))]
        for lang in sorted({lang for lang, _ in summary.languages})
    ]
    return [
        ("Rows by source", ["source", "task", "licence", *_COUNTS[:-2]], by_source),
        ("Rows by task", ["task", *_COUNTS], by_task),
        ("Rows by language", ["language", "me", "qe"], by_language),
        ("Left out", ["reason", "rows"], [[reason, str(n)] for reason, n in summary.left_out.most_common()]),
    ]


def _counts(groups: Sequence[Group]) -> list[str]:
    """Groups -> the values of `_COUNTS` for all of them."""
    tokens = sorted(count for group in groups for count in group.tokens)
    return [
        str(sum(group.train for group in groups)),
        str(sum(group.eval for group in groups)),
        f"{sum(group.empty for group in groups) / len(tokens):.1%}",
        f"{sum(group.kept for group in groups) / sum(group.blocks for group in groups):.1%}",
        f"{statistics.median(tokens):.0f}",
        str(tokens[ceil(0.95 * len(tokens)) - 1]),
        str(tokens[-1]),
    ]


def card(summary: Summary, settings: Settings, max_tokens: int, command: str) -> str:
    """The text of the dataset card `README.md`; `command` is the one that built it."""
    lines = [
        "---",
        _front_matter(summary),
        "---",
        "",
        "# Pages as numbered blocks, and which of them to keep",
        "",
        f"{summary.rows('train'):,} rows for training and {summary.rows('eval'):,} for evaluation, built by IndexLM "
        f"{__version__}. A row is one page and task: `me` keeps the main content, `qe` the blocks that answer a "
        "query, or none (`NA`). `messages` is a conversation as TRL's `SFTTrainer` takes it. `gold` holds the numbers "
        "of the blocks to keep. `tokens` is the length of the conversation in ChatML.",
    ]
    for title, columns, rows in tables(summary):
        if rows:
            lines += ["", f"## {title}", "", _markdown(columns), _markdown(["---"] * len(columns))]
            lines += map(_markdown, rows)
    lines += ["", "## How it was built", ""]
    if command:
        lines += ["```sh", command, "```", ""]
    query_last = ", the query after the blocks" if settings.query_last else ""
    licences = ", ".join(sorted(name or _UNKNOWN for name in summary.host_licences))
    lines += [
        f"Rendered in prompt format {settings.prompt_format} with the profile `{settings.profile}`, "
        f"{settings.block_units} units of text a block for `me` and {settings.query_units} for `qe`{query_last}. "
        f"Conversations of more than {max_tokens:,} tokens are left out. Pages are cut into blocks, and their gold "
        "text is aligned with the blocks. Questions and texts without HTML are embedded in real pages, in place of "
        f"the main content{f' (licences of these pages: {licences})' if licences else ''}. The page of a question may "
        "hold other articles. Some questions belong to an article that is not on the page. The `url` of such a row is "
        "that of the page, its `license` that of the text.",
        "",
        "Evaluation and training share no domain of a page and no document of a question: no URL, no text, and no "
        "question on a document of the same title is in both. `text_hash` is the hash of a page's text, or of the text "
        "that a question is asked of.",
    ]
    return "\n".join(lines) + "\n"


def _front_matter(summary: Summary) -> str:
    """What the Hub reads of a card."""
    total = summary.rows("train") + summary.rows("eval")
    return DatasetCardData(
        language=sorted({lang for lang, _ in summary.languages if lang}) or None,
        license=sorted({_HUB_LICENCES.get(name.lower(), name.lower()) for _, _, name in summary.groups}),
        task_categories=["text-generation", "question-answering"],
        size_categories=[next(name for limit, name in _SIZES if total < limit)],
        tags=["indexlm", "web-content-extraction"],
        configs=[
            {
                "config_name": "default",
                "data_files": [{"split": split, "path": f"{split}.parquet"} for split in ("train", "eval")],
            }
        ],
    ).to_yaml()


def _markdown(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
