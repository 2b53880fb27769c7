"""Questions for what has a shape of its own: telephone numbers, addresses, temperatures, and lists of prices."""

from __future__ import annotations

import pytest

from heads.queries.answers import whole_answer
from heads.queries.shapes import POSTAL, asked_shape
from indexlm import read_page


@pytest.mark.parametrize(
    ("query", "asks"),
    [
        ("What is the phone number?", True),
        ("Telefonnummer", True),
        ("Quel est le téléphone de la mairie ?", True),
        ("電話番号", True),
        ("Wie lautet die E-Mail-Adresse?", True),
        ("At what temperature is it baked?", True),
        ("À quelle température cuit le gâteau ?", True),
        ("What is the address of the museum?", True),
        ("address", True),
        ("Wie lautet die Adresse?", True),
        ("¿Cuál es la dirección?", True),
        ("где вы находитесь", True),
        ("Where are you?", True),
        ("Where is the company based?", True),
        ("Where is the toilet?", False),
        ("What is my IP address?", False),
        ("What does the address bar show?", False),
        ("How do I change my address?", False),
        ("Does it measure the temperature?", False),
        ("Which phone has the best camera?", False),
        ("How do I change my phone number?", False),
        ("Can I pay by phone with a card number?", False),
        ("Who invented the telephone in the end?", False),
    ],
)
def test_a_number_or_an_address_that_is_asked_for_is_told_from_others(query: str, asks: bool) -> None:
    assert (asked_shape(query) is not None) == asks


@pytest.mark.parametrize(
    "text",
    [
        "Maritime Museum, 4 Quay Road, Fishguard SA64 9PX",
        "Hafenstraße 12, 20457 Hamburg",
        "12 rue du Port, 29200 Brest",
        "Via Garibaldi 14, 16124 Genova",
        "C/ Mayor s/n, Calle del Pez 3, 28004 Madrid",
        "Kerkstraat 9, 1017 GA Amsterdam",
        "Storgatan 5, 411 38 Göteborg",
        "ul. Długa 7, 80-831 Gdańsk",
        "г. Казань, ул. Баумана, д. 15",
        "500 Harbor Way, Portland, OR 97201",
        "〒604-8005 京都市中京区",
        "上海市南京东路100号",
        "서울시 마포구 월드컵로 12",
        "Rua das Flores 20, Porto",
    ],
)
def test_a_postal_address_is_told(text: str) -> None:
    assert POSTAL.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "We are 140 people in three cities.",
        "Tram 4 stops outside. There is a garage 200 m away.",
        "The ride takes 45 minutes.",
        "Version 3.11 of 2024 runs on ARM64.",
        "Tickets: adults 12 €, children 5 €",
        "In 1911 the tower was rebuilt by the city.",
        "Order 20457 was sent on 5 May.",
        "Model AB12 has 4 GB of memory",
    ],
)
def test_other_texts_hold_no_postal_address(text: str) -> None:
    assert not POSTAL.search(text)


def answer(query: str, content: str, *kept: int, title: str = "Norden") -> list[str]:
    page = read_page(f"<html lang=en><title>{title}</title><body>{content}</body></html>", query=query)
    return [page.blocks[i - 1].text for i in whole_answer(page, kept, False)]


ABOUT = "<main><h1>Norden</h1><p>We are 140 people.</p></main>"


def test_an_address_in_the_footer_answers() -> None:
    footer = "<footer><p>Norden GmbH, Hafenstraße 12, 20457 Hamburg</p><p>© 2026 Norden</p></footer>"
    for query in ("What is the address?", "Where are you based?", "address of Norden"):
        assert answer(query, ABOUT + footer) == ["Norden GmbH, Hafenstraße 12, 20457 Hamburg"]


def test_the_lines_of_an_address_answer_together_and_what_stands_twice_once() -> None:
    lines = "<footer><p>Norden, 4 Quay Road</p><p>Fishguard SA64 9PX</p></footer>"
    assert answer("What is the address?", ABOUT + lines) == ["Norden, 4 Quay Road", "Fishguard SA64 9PX"]
    twice = "<p>4 Quay Road, Fishguard</p><p>We are open.</p><p>4 Quay Road, Fishguard</p>"
    assert answer("What is the address?", twice) == ["4 Quay Road, Fishguard"]


def test_two_addresses_are_no_answer_to_what_names_none() -> None:
    shops = "<p>Leith: 4 Quay Road, Leith</p><p>Closed on Sundays.</p><p>Perth: 9 Mill Lane, Perth</p>"
    assert answer("What is the address?", shops) == []
    assert answer("What is the address of the Perth shop?", shops) == ["Perth: 9 Mill Lane, Perth"]


FEES = (
    "<main><h1>Museum</h1><h2>Tickets</h2><table><tr><th>Ticket</th><th>Price</th></tr><tr><td>Adults</td><td>€12</td>"
    "</tr><tr><td>Children</td><td>€5</td></tr></table><h2>Tours</h2><ul><li>Ships</li><li>Maps</li></ul></main>"
)
BOAT_HIRE = "<h2>Boats</h2><ul><li>Canoe: €9</li><li>Kayak: €11</li></ul>"


def test_the_one_list_of_prices_answers_what_it_costs() -> None:
    prices = ["Ticket | Price", "Adults | €12", "Children | €5"]
    assert answer("How much does it cost?", FEES, title="Museum") == prices
    assert answer("How much does it cost?", FEES + BOAT_HIRE, title="Museum") == []
    assert answer("How much do the boats cost?", FEES + BOAT_HIRE, title="Museum")[-2:] == ["Canoe: €9", "Kayak: €11"]
