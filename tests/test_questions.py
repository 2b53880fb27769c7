"""What a question asks for, by its own words."""

from __future__ import annotations

import pytest

from heads.queries.answers import whole_answer
from heads.queries.evidence import Question, alike
from heads.queries.kinds import asked_kind, counted_things
from heads.queries.questions import asked_thing, asks_how_much, asks_who_wrote, codes, how_to, tells
from heads.queries.subjects import asked_subjects, asks_price, is_price, names_subject
from indexlm import read_page
from indexlm.text import terms


@pytest.mark.parametrize(
    ("query", "rest"),
    [
        ("How do I oil a chain?", "oil a chain?"),
        ("Wie öle ich die Kette?", "die Kette?"),
        ("Comment huiler la chaîne ?", "huiler la chaîne ?"),
        ("¿Cómo se engrasa la cadena?", "se engrasa la cadena?"),
        ("Как смазать цепь?", "смазать цепь?"),
        ("链条怎么上油？", "链条 上油？"),
        ("How long is the chain?", ""),
        ("Wie lange dauert es?", ""),
        ("Comment s'appelle le magasin ?", ""),
        ("¿Cómo se llama la tienda?", ""),
        ("包裹丢了怎么办？", ""),
    ],
)
def test_a_question_how_something_is_done_is_told_from_others(query: str, rest: str) -> None:
    assert how_to(query) == rest


@pytest.mark.parametrize(
    ("query", "thing"),
    [
        ("Is there a lift in the hall?", "lift"),
        ("Gibt es einen Kurs zum Reparieren?", "kur"),
        ("¿Hay aparcamiento?", "aparca"),
        ("Apakah ada wifi di kereta?", "wifi"),
        ("Is the hall open?", ""),
        ("What is there to see?", ""),
        ("Czy w pokoju jest lodówka?", "lodówk"),
        ("Avez-vous un ascenseur ?", "ascens"),
        ("Sauna var mı?", "sauna"),
        ("部屋に冷蔵庫はありますか", "冷蔵 蔵庫"),
        ("주차장이 있나요?", "주차 차장"),
        ("방을 바꿀 수 있나요?", ""),
        ("有红色的吗？", "红色"),
        ("Is Linux supported?", "linux"),
        ("Does it come in oak?", "oak"),
        ("Do I have to come in person?", ""),
        ("Does the bus come in the morning?", ""),
        ("Do the larger benches come with other screws?", "screw"),
    ],
)
def test_a_question_whether_there_is_something_names_it(query: str, thing: str) -> None:
    assert asked_thing(query) == set(thing.split())


@pytest.mark.parametrize("query", ["có bao nhiêu", "apakah ada yang", "কি এখানে আছে", "πόσο είναι", "האם יש", "का में है"])
def test_words_that_questions_are_made_of_tell_nothing(query: str) -> None:
    assert [term for term in terms(query) if tells(term)] == []


def test_a_question_who_wrote_a_page_is_told_from_one_about_a_book() -> None:
    assert asks_who_wrote("Who wrote the article?", set())
    assert asks_who_wrote("Wer hat den Beitrag geschrieben?", set())
    assert asks_who_wrote("author of the Tarn guide", {"tarn"})
    assert not asks_who_wrote("Who wrote Cliffs in Changing Light?", set())
    assert not asks_who_wrote("Who drew the article?", set())


def test_a_price_of_what_a_page_is_named_for_and_how_prices_look() -> None:
    assert asks_price("How much is the kettle?", {"kettle"})
    assert asks_price("current price", set())
    assert not asks_price("What does delivery of the kettle cost?", {"kettle"})
    texts = ("£54.90", "ab 1.290 €", "980円", "Rp10.000", "2 kg", "Delivery: £3.95, express: £9")
    assert [text for text in texts if is_price(text)] == [
        "£54.90",
        "ab 1.290 €",
        "980円",
        "Rp10.000",
    ]


def test_words_of_no_weight_amounts_and_codes() -> None:
    assert {term for term in terms("When does the ferry leave? Сколько стоит? です 海岸") if tells(term)} == {
        "ferry",
        "leave",
        "стоит",
        "海岸",
    }
    assert [query for query in ("How many eggs?", "Wie viel Mehl?", "How long?") if asks_how_much(query)] == [
        "How many eggs?",
        "Wie viel Mehl?",
    ]
    assert codes("What is the VAT on a 5G router?") == {"vat", "5g"}
    assert codes("WHAT IS THE VAT") == set()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("How much does it cost?", "Fees"),
        ("Was kostet der Eintritt?", "Preise"),
        ("入場はいくらですか", "料金"),
        ("When are you open?", "Opening hours"),
        ("Wo ist das Büro?", "Anfahrt"),
        ("What do I need?", "Requirements"),
        ("How heavy is it?", "Weight"),
        ("Do I get my money back?", "Returns"),
        ("Bekomme ich mein Geld zurück?", "Erstattung"),
        ("Quand serai-je remboursé ?", "Remboursements"),
        ("Tot wanneer kan ik me aanmelden?", "Inschrijven"),
        ("I left my bag on the train", "Lost property"),
        ("¿Para cuántas personas es?", "Raciones"),
        ("キャンセルできますか", "取消について"),
    ],
)
def test_a_subject_has_the_names_that_pages_give_it(query: str, name: str) -> None:
    assert any(names_subject(name, subject) for subject in asked_subjects(query))
    assert not any(names_subject("Team", subject) for subject in asked_subjects(query))
    assert not any(
        names_subject(f"{name} that we once had in this place", subject) for subject in asked_subjects(query)
    )


@pytest.mark.parametrize(
    ("query", "held", "not_held"),
    [
        ("How long does a token last?", "Tokens expire after twelve hours.", "The token is 40 characters long."),
        ("Wie lange dauert der Versand?", "Drei bis vier Werktage.", "Der Versand kostet 5 Euro."),
        ("保証は何年間ですか。どのくらい", "購入から三年です。", "保証書が必要です。"),
        ("When does the shop open?", "We open on Tuesdays.", "The shop sells 40 kinds of tea."),
        ("Kiedy otwarcie?", "Otwieramy w sobotę o 9:00.", "Zapraszamy."),
        ("What does the repair cost?", "It is 3 euro.", "It is done by hand."),
        ("How many dogs may I bring?", "At most 2.", "All dogs are welcome."),
        ("Who leads the choir?", "It is led by Ilo Brandt.", "Singers lead it in turn."),
        ("Wie geeft de cursus?", "Docent: Marga Vos", "De cursus is gratis."),
    ],
)
def test_what_kind_of_thing_is_asked_for(query: str, held: str, not_held: str) -> None:
    kind = asked_kind(query)
    assert kind is not None
    assert kind.holds(held)
    assert not kind.holds(not_held)


@pytest.mark.parametrize(
    "query", ["Is the choir there?", "Wie ist die Adresse?", "ما هو الملاكم", "เกี่ยวกับอะไร", "the boxer"]
)
def test_questions_that_ask_for_no_amount_and_no_time(query: str) -> None:
    assert asked_kind(query) is None


def test_things_that_are_counted() -> None:
    lanes = counted_things("How many lanes are there?")
    assert lanes is not None
    assert [
        lanes.holds(text) for text in ("It has six lanes.", "21 narrow lanes", "Lanes: 6", "Caps in the lanes")
    ] == [
        True,
        True,
        True,
        False,
    ]
    assert counted_things("How many days does it take?") is None
    assert counted_things("Which lanes are open?") is None


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ("keep", "kept"),
        ("heavy", "weight"),
        ("birthplace", "born"),
        ("paid", "payment"),
        ("lunch", "food"),
        ("ship", "shipping"),
        ("riding", "ride"),
        ("park", "parking"),
        ("schwer", "Gewicht"),
        ("renvoyer", "retours"),
        ("привезти", "доставка"),
    ],
)
def test_other_words_and_other_forms_for_the_same(asked: str, held: str) -> None:
    assert alike(terms(asked), terms(held)) == terms(asked)
    assert not alike(terms(asked), terms("otter"))


def test_forms_of_words_that_may_be_longer_are_not_guessed() -> None:
    assert not alike(terms("charger"), terms("charging"))
    assert not alike(terms("win"), terms("winning"))
    assert not alike(terms("ride"), terms("riding"), by_forms=False)


def test_a_word_of_three_letters_tells_more_than_function_words_and_verbs() -> None:
    others = "".join(f"<p>Bed number {number} stands beside a window.</p>" for number in range(12))
    text = f"<p>Dogs may stay in the loft for £5.</p>{others}<p>You can cancel until Friday.</p>"
    page = read_page(f"<main><h1>Hostel</h1>{text}</main>", query="Can I bring my dog?")
    assert whole_answer(page, (), False) == (2,)
    weights = Question(page).weights
    assert max(weights["can"], weights["my"]) < weights["dog"] < weights["bring"]
