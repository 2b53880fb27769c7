"""Questions for what has a shape of its own: telephone numbers, addresses, temperatures, and lists of prices."""

from __future__ import annotations

import pytest

from heads.queries.answers import whole_answer
from heads.queries.postal import POSTAL, asked_address
from heads.queries.shapes import asked_shape
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
    ("query", "asks"),
    [
        ("What is the address of the museum?", True),
        ("address", True),
        ("Wie lautet die Adresse?", True),
        ("Was ist die Anschrift?", True),
        ("¿Cuál es la dirección?", True),
        ("Wat is het adres?", True),
        ("Vad är adressen?", True),
        ("Jaki jest adres?", True),
        ("где вы находитесь", True),
        ("What is the address in New York?", True),
        ("What is the address of the shipyard?", True),
        ("Wie lautet die Adresse von Philipps Laden?", True),
        ("What is the address of the camp site?", True),
        ("What is the new address?", False),
        ("What is the change of address?", False),
        ("What is the invoices address?", False),
        ("IP地址是多少", False),
        ("Wie lautet die IP-Adresse?", False),
        ("Wie lautet die MAC-Adresse?", False),
        ("Quelle est l'adresse du site ?", False),
        ("Where are you?", True),
        ("Where is the company based?", True),
        ("Where is the toilet?", False),
        ("What is my IP address?", False),
        ("What is the server address?", False),
        ("Quelle est l'adresse mail ?", False),
        ("¿Cuál es la dirección de correo?", False),
        ("¿Cuál es la dirección del viento?", False),
        ("Qual è l'indirizzo di posta elettronica?", False),
        ("Какой адрес сайта?", False),
        ("IP 주소는", False),
        ("What is the Gettysburg Address?", False),
        ("What problems does it address?", False),
        ("What does the address bar show?", False),
        ("Which address is used for invoices?", False),
        ("How do I change my address?", False),
    ],
)
def test_a_question_for_a_postal_address_is_told_from_others(query: str, asks: bool) -> None:
    assert (asked_address(query) is not None) == asks


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
        "Am Markt 5, 50667 Köln",
        "Mariahilfer Straße 10, 1060 Wien",
        "Rue de la Loi 16, 1000 Bruxelles",
        "221B Baker Street",
        "350 5th Ave, New York",
        "Karl Johans gate 5, 0154 Oslo",
        "Dlouhá 12, 110 00 Praha 1",
        "東京都千代田区丸の内1-9-1",
        "香港中環皇后大道中99號",
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
        "Pay via PayPal within 14 days",
        "Corso base di 20 ore",
        "Piazza Navona è del 1651",
        "Paseo en barco 20 €",
        "256 GB Flash Drive",
        "In 1929 Wall Street fell",
        "1969 Abbey Road",
        "1200 GB Disk",
        "10 place settings",
        "On May 5, 2026 Berlin opened",
        "Mac mini M2 8GB RAM",
        "The 10 Best Street Foods in Rome",
        "A 3 Day Road Trip",
        "Brigade 12",
        "la regata 5",
        "On May 5, 2500 Visitors came",
        "aB3dEfGh9K" * 6000,
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


def test_three_lines_of_an_address_answer_and_two_apart_do_not() -> None:
    lines = [
        "Norden GmbH, Hafenstraße 12, 20457 Hamburg",
        "4 Quay Road, Fishguard SA64 9PX",
        "12 rue du Port, 29200 Brest",
    ]
    page = "".join(f"<p>{line}</p>" for line in lines)
    assert answer("What is the address?", f"<h1>Norden</h1>{page}") == lines
    assert answer("What is the address?", f"<h1>Norden</h1><p>{lines[0]}</p><p>Or:</p><p>{lines[1]}</p>") == []


def test_the_lines_of_an_address_answer_together_and_what_stands_twice_once() -> None:
    lines = "<footer><p>Norden, 4 Quay Road</p><p>Fishguard SA64 9PX</p></footer>"
    assert answer("What is the address?", ABOUT + lines) == ["Norden, 4 Quay Road", "Fishguard SA64 9PX"]
    twice = "<p>4 Quay Road, Fishguard</p><p>We are open.</p><p>4 Quay Road, Fishguard</p>"
    assert answer("What is the address?", twice) == ["4 Quay Road, Fishguard"]


@pytest.mark.parametrize("query", ["Where is it?", "Where is the museum?", "What is the address?"])
def test_what_a_head_is_sure_of_stays(query: str) -> None:
    html = "<h1>Boat museum</h1><p>On Rope Island, by ferry.</p><footer><p>Pixel Ltd, 12 Mill Lane, Leeds</p></footer>"
    page = read_page(html, query=query)
    assert whole_answer(page, (2,), True) == (2,)
    if query.startswith("Where"):  # a doubtful answer without a word of the question goes, but no address comes
        assert whole_answer(page, (2,), False) == ()


def test_an_address_of_another_place_is_no_answer() -> None:
    shops = "<h1>Shops</h1><ul><li>Leith: 4 Quay Road</li><li>Perth: High St. No. 9</li></ul>"
    assert "Leith: 4 Quay Road" not in answer("What is the address of the Perth shop?", shops)


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
    assert answer("How much do the boats cost?", FEES + BOAT_HIRE, title="Museum")[-2:] == ["Canoe: €9", "Kayak: €11"]


def test_group_rows_and_what_is_free_belong_to_a_list_of_prices() -> None:
    fees = (
        "<h1>Museum</h1><h2>Tickets</h2><table><tr><td colspan=2>Day tickets</td></tr><tr><td>Adults</td><td>€12</td>"
        "</tr><tr><td>Under 6</td><td>free</td></tr></table>"
    )
    assert answer("How much does it cost?", fees, title="Museum")[-2:] == ["Adults | €12", "Under 6 | free"]


@pytest.mark.parametrize("label", ["What nurses earn", "Prizes", "Donors", "Shop", "Delivery"])
def test_other_amounts_of_money_are_no_price(label: str) -> None:
    other = f"<h1>Museum</h1><p>A house of ships.</p><h2>{label}</h2><ul><li>First: €500</li><li>Second: €200</li></ul>"
    assert answer("How much does it cost?", other, title="Museum") == []


def test_a_list_of_prices_in_a_footer_is_no_answer() -> None:
    footer = "<footer><ul><li>Mug: €9</li><li>Map: €3</li></ul></footer>"
    assert answer("How much does it cost?", f"<h1>Museum</h1><p>A house of ships.</p>{footer}", title="Museum") == []


def test_a_long_list_of_prices_is_no_answer() -> None:
    parts = "".join(f"<tr><td>Part {n}</td><td>€{n}</td></tr>" for n in range(60))
    assert answer("How much does it cost?", f"<h1>Shop</h1><h2>Tickets</h2><table>{parts}</table>", title="Shop") == []
