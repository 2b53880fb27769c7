"""Concepts: what questions and texts speak of in any words, in 29 languages."""

from __future__ import annotations

from importlib.resources import files

import pytest

from heads.queries.concepts import concepts_of, languages, relations, words_of
from heads.queries.meaning import meanings
from indexlm import read_page

FOLDER = files("heads.queries").joinpath("words")
LANGUAGES = sorted(
    path.name.removesuffix(".txt")
    for path in FOLDER.iterdir()
    if path.name.endswith(".txt") and path.name not in ("common.txt", "relations.txt")
)


def keys(name: str) -> list[str]:
    return [line.partition(":")[0] for line in FOLDER.joinpath(f"{name}.txt").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_the_same_concepts_and_words_for_nearly_all(lang: str) -> None:
    assert keys(lang) == keys("en")
    stems, phrases, sequences = words_of(lang)
    told = set().union(*stems.values(), *({c for _, c in v} for v in (*phrases.values(), *sequences.values())))
    assert len(told) >= 0.95 * len(keys("en"))
    assert told <= set(keys("en"))


def test_every_language_can_be_told_and_relations_name_concepts() -> None:
    assert set(keys("common")) <= set(LANGUAGES)
    assert set(LANGUAGES) - set(keys("common")) == {"ko", "th", "hi", "he", "el"}  # told by their scripts
    assert relations().keys() <= set(keys("en"))


@pytest.mark.parametrize(
    ("lang", "question", "text", "concept"),
    [
        ("en", "Can I get my money back?", "Refunds reach your account within ten days.", "refund"),
        ("de", "Bekomme ich mein Geld zurück?", "Die Erstattung erfolgt binnen zehn Tagen.", "refund"),
        ("fr", "annuler ma réservation", "Une annulation est possible jusqu'à la veille.", "cancel"),
        ("es", "he perdido la tarjeta", "En caso de pérdida llame al banco.", "lose"),
        ("pl", "czy można z psem", "Psy prosimy prowadzić na smyczy.", "dog"),
        ("ru", "сколько стоит вход", "Стоимость билета 300 рублей.", "price"),
        ("ja", "キャンセルできますか", "前日までの取り消しは無料です。", "cancel"),
        ("zh", "可以退款吗", "七天内退货退款。", "refund"),
        ("ko", "주차할 수 있나요", "주차장은 건물 뒤에 있습니다.", "parking"),
        ("th", "ที่จอดรถอยู่ไหน", "ลานจอดรถอยู่ด้านหลัง", "parking"),
    ],
)
def test_a_question_and_its_answer_speak_of_the_same_in_other_words(
    lang: str, question: str, text: str, concept: str
) -> None:
    assert concept in concepts_of(question, (lang,))
    assert concept in concepts_of(text, (lang,))


ENGLISH = "The hotel is in the middle of the town, and there is a garden that you can use for your children."
NORWEGIAN = "Hotellet er i byen, og det er en hage som du kan bruke med barna og hunden din på tur."


@pytest.mark.parametrize(
    ("stated", "text", "query", "expected"),
    [
        ("en", ENGLISH, "Where can I park?", ("en",)),
        ("", ENGLISH, "Wo kann ich parken?", ("de", "en")),
        ("de", ENGLISH, "opening hours", ("en",)),
        ("no", NORWEGIAN, "åpningstider", ("nb",)),
        ("no", NORWEGIAN, "Can I bring my dog?", ("en", "nb")),
        ("en", ENGLISH, "駐車場はどこですか", ("ja", "en")),
    ],
)
def test_the_languages_of_a_question_and_of_its_page(
    stated: str, text: str, query: str, expected: tuple[str, ...]
) -> None:
    assert languages(read_page(f"<html lang='{stated}'><p>{text}</p></html>", query=query)) == expected


def test_a_block_that_answers_in_other_words_holds_the_most_of_a_question() -> None:
    blocks = ["We opened in 1987.", "Refunds reach your account within ten days.", "The garden has old trees."]
    page = read_page("<html lang=en>" + "".join(f"<p>{text}</p>" for text in blocks), query="Do I get my money back?")
    found = meanings(page)
    assert found.asked
    assert max(range(3), key=found.terms.__getitem__) == 1
    assert found.terms[0] == found.terms[2] == 0
    assert found.on_page[0] < found.on_page[1] <= 1


def test_what_is_related_counts_less_than_the_same() -> None:
    html = "<html lang=en><p>Refunds take a week.</p><p>You may cancel a day before.</p><p>Trees.</p>"
    page = read_page(html, query="refund")
    same, related, other = meanings(page).terms
    assert same > related > other == 0


def test_labels_count_for_what_stands_below_them() -> None:
    page = read_page("<html lang=en><h2>Refunds</h2><p>Within ten days.</p><p>x</p>", query="Do I get my money back?")
    found = meanings(page)
    assert found.terms[1] == 0 < found.terms_with_labels[1]
    assert found.concepts[1] == 0 < found.concepts_with_labels[1]


@pytest.mark.parametrize("query", ["?", "a", "the of", "💶", "x" * 5000])
def test_any_query_has_a_meaning(query: str) -> None:
    found = meanings(read_page("<p>Some text with 10 €.</p>", query=query))
    assert all(0 <= share <= 1 for share in (*found.terms, *found.concepts, *found.on_page))
