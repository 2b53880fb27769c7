"""Words and terms of text in many scripts."""

from __future__ import annotations

import pytest

from indexlm.text import find_terms, terms

# A word, and another form of it as a text may write it.
FORMS = {
    "Latin": ("cafés", "CAFÉ"),
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
    text = "Ο πληθυσμός της ΕΛΛΑΔΑΣ, und die GROßE: 서울에서 3,5"
    for query, place in (("Ελλάδα", "ΕΛΛΑΔΑΣ"), ("Große", "GROßE"), ("서울은", "서울")):
        assert [at for at, _ in find_terms(text, terms(query))] == [text.index(place)]


def test_the_number_of_a_version_is_a_term() -> None:
    assert terms("What is new in 3.2?") & terms("3.2 (May)")
    assert not terms("3.2") & terms("3.1")
