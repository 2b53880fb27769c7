"""Why a block is kept or dropped against the choice by scores."""

from __future__ import annotations

import json
import random
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from cli import app
from heads.cascade import plan, settle
from heads.content.coherence import coherent
from heads.queries.answers import whole_answer
from heads.reasons import Reasons
from indexlm import Extractor
from indexlm.blocks import _print_blocks
from indexlm.html.read import read_page
from indexlm.page import Prediction

TEXT = "The harbour shows forty boats, of which three may be boarded in summer."


def test_the_last_rule_counts_and_what_is_as_chosen_has_no_reason() -> None:
    reasons = Reasons((1, 2))
    reasons.note("first", {2, 3, 4})
    reasons.note("second", {1, 2, 4, 5})
    assert reasons.found() == {4: "first", 5: "second"}


def test_what_differs_from_the_choice_has_a_reason_and_nothing_else() -> None:
    rng = random.Random(5)
    kinds = ["<p>{}</p>", "<h2>{}</h2>", "<ul><li>{}</li><li>Oars</li></ul>", "<table><tr><td>{}<td>9 €</table>"]
    for _ in range(40):
        body = "".join(rng.choice(kinds).format(TEXT[: rng.randint(5, 70)]) for _ in range(20))
        page = read_page(f"<h1>Boats</h1>{body}", query="How much do the oars cost?")
        chosen = [block.index for block in page.blocks if rng.random() < 0.5]
        reasons = Reasons(chosen)
        kept = coherent(page, chosen, [rng.random() for _ in page.blocks], 1.0, reasons)
        assert reasons.found().keys() == {*chosen} ^ {*kept}
        reasons = Reasons(chosen)
        answer = whole_answer(page, chosen, rng.random() < 0.5, 1.0, reasons)
        assert reasons.found().keys() == {*chosen} ^ {*answer}


@pytest.mark.parametrize(
    ("html", "scores", "found"),
    [
        (f"<p>{TEXT}</p><p>Six.</p><p>{TEXT}</p>", [0.9, 0.35, 0.9], {2: "between kept blocks"}),
        (f"<p>{TEXT}</p><dialog><p>{TEXT}</p></dialog>" + f"<p>{TEXT}</p>" * 3, [0.9] * 5, {2: "a closed dialog"}),
        (f"<h2>Boats</h2><p>{TEXT}</p>" + "<a href=/x>Menu</a>" * 9, [0.2, 0.9, 0.1], {1: "as its section"}),
    ],
)
def test_rules_of_main_content_are_named(html: str, scores: list[float], found: dict[int, str]) -> None:
    page = read_page(html + "<p>Rest</p>" * 40)
    cascade = plan(page, lambda page, _: [*scores, *[0.0] * (len(page.blocks) - len(scores))], None)
    assert {i: cascade.reasons[i] for i in found} == found


def test_what_is_never_content_says_why_where_a_model_keeps_it() -> None:
    page = read_page(f"<p>{TEXT}</p>" * 40 + f"<dialog><p>{TEXT}</p></dialog>")
    cascade = plan(page, lambda page, _: [0.9] * 40 + [0.1], None)
    settled = settle(page, cascade, range(1, 42), False)
    assert (len(settled.indices), settled.reasons) == (40, {41: "a closed dialog"})


@pytest.mark.parametrize(
    ("query", "html", "chosen", "found"),
    [
        ("How much is the ticket?", "<p>The ticket is blue.</p>", (1,), {1: "not the kind of thing that is asked for"}),
        (
            "Is there a sauna in the garden?",
            "<p>In the garden is a pool.</p>",
            (1,),
            {1: "what is asked for is never named"},
        ),
        (
            "What must I bring?",
            "<h2>What to bring</h2><ul><li>oars</ul>",
            (1,),
            {2: "below a label, or in its list"},
        ),
    ],
)
def test_rules_of_questions_are_named(query: str, html: str, chosen: tuple[int, ...], found: dict[int, str]) -> None:
    reasons = Reasons(chosen)
    whole_answer(read_page(html, query=query), chosen, False, 1.0, reasons)
    assert reasons.found() == found


def test_the_commands_show_them() -> None:
    page = Path(__file__).parent / "short" / "museum.html"
    query = ["--head", "classifier", "--query", "What do I have to leave in the cloakroom?"]
    why = "below a label, or in its list"
    rows = json.loads(CliRunner().invoke(app, ["blocks", str(page), *query, "--json"]).stdout)
    assert {row["text"] for row in rows if row["reason"] == why} == {
        "umbrellas",
        "rucksacks",
        "scarves longer than a metre",
    }
    assert why[:30] in CliRunner().invoke(app, ["blocks", str(page), *query]).stdout
    extracted = json.loads(CliRunner().invoke(app, ["extract", str(page), *query, "--format", "json"]).stdout)
    assert list(extracted["reasons"].values()) == [why] * 3


def test_what_a_selector_decides_has_no_other_reason() -> None:
    html = f"<p>{TEXT}</p>" * 40 + f"<dialog><p>{TEXT}</p></dialog>"
    assert Extractor("trees", exclude=("p:first-child",)).extract(html).prediction.reasons.get(1, "") == ""
    included = Extractor("trees", include=("dialog",)).extract(html).prediction
    assert (41 in included.indices, 41 in included.reasons) == (True, False)


def test_narrow_screens_show_reasons_with_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    page = read_page("<p>oars</p><p>sails</p>")
    prediction = Prediction((1, 2), (0.9, 0.1), reasons={2: "an amount beside kept blocks"})
    for width, shown in ((80, "0.10"), (80, "(an amount"), (120, "an amount beside kept blocks")):
        console = Console(width=width, file=StringIO())
        monkeypatch.setattr("rich.console.Console", lambda console=console, **_: console)
        _print_blocks(page, prediction, "Boats")
        assert shown in console.file.getvalue()  # type: ignore[attr-defined]
