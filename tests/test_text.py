"""Words, terms and units of text in many scripts."""

from __future__ import annotations

import pytest

from indexlm.text import clip, count_units, find_terms, terms

# A word, and another form of it as a text may write it.
FORMS = {
    "Latin": ("cafés", "CAFE"),
    "Greek": ("ελλάδα", "Ελλάδας"),
    "Cyrillic": ("столица", "столицей"),
    "Cyrillic, Ukrainian": ("україна", "України"),
    "Hebrew": ("המדינה", "במדינה"),
    "Hebrew with points": ("שלום", "שָׁלוֹם"),
    "Arabic": ("الكتاب", "كتاب"),
    "Arabic with marks": ("مدرسة", "مَدْرَسَة"),
    "Devanagari": ("लड़का", "लड़कों"),
    "Bengali": ("বই", "বই"),
    "Tamil": ("வீடு", "வீடு"),
    "Telugu": ("పుస్తకం", "పుస్తకాలు"),
    "Thai": ("กรุงเทพ", "อยู่ที่กรุงเทพมหานคร"),
    "Khmer": ("ភ្នំពេញ", "នៅភ្នំពេញជា"),
    "Chinese": ("东京", "在东京的"),
    "Japanese": ("図書館", "図書館は"),
    "Korean": ("서울은", "서울에서"),
    "Amharic": ("ከተማ", "ከተማ"),
}


@pytest.mark.parametrize("script", FORMS)
def test_forms_of_a_word_share_a_term(script: str) -> None:
    one, other = FORMS[script]
    assert terms(one) & terms(other)


def test_other_words_share_no_term() -> None:
    for text, other in (
        ("भारत", "सड़क"),
        ("столица", "лошадь"),
        ("서울", "부산"),
        ("กรุงเทพ", "เชียงใหม่"),
        ("דלת", "חלון"),
    ):
        assert not terms(text) & terms(other)


def test_vowel_signs_do_not_part_words() -> None:
    assert len(terms("भारत की राजधानी")) == 3
    assert len(terms("हिन्दी")) == 1


def test_a_term_is_found_where_it_stands() -> None:
    text = "Ο πληθυσμός της ΕΛΛΑΔΑΣ, und die Größe: 서울에서 3,5"
    for query, place in (("Ελλάδα", "ΕΛΛΑΔΑΣ"), ("Große", "Größe"), ("서울은", "서울")):
        assert [at for at, _ in find_terms(text, terms(query))] == [text.index(place)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Die Geschwindigkeit ist begrenzt. " * 20, 60),
        ("Скорость движения ограничена. " * 20, 50),
        ("गति सीमित है। " * 30, 35),
        ("ความเร็วถูกจำกัด" * 20, 25),
        ("速度有限制。" * 20, 16),
    ],
)
def test_a_long_text_shows_a_like_part_in_each_script(text: str, shown: int) -> None:
    """Sixteen units are a clause in any of them, and not sixteen letters."""
    part = clip(text, 16)
    assert shown <= len(part) <= 120
    assert count_units(part) <= 17  # with the ellipsis


def test_units_count_all_that_is_no_space() -> None:
    for text in ("Hello there", "你好 世界", "١٢٣ ab1!", "é́"):
        assert 0 < count_units(text) <= len("".join(text.split()))
