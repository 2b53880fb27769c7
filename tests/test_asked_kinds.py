"""Questions where something is, what it weighs or means, and the rows and blocks that hold such a thing."""

from __future__ import annotations

import pytest

from heads.queries.answers import whole_answer
from heads.queries.evidence import alike
from heads.queries.kinds import asked_kind, lacks_kind
from heads.queries.places import is_address
from indexlm import read_page
from indexlm.text import terms


@pytest.mark.parametrize(
    ("query", "held", "not_held"),
    [
        ("Where is the choir?", "Hall B, 12 Mill Road", "The choir sings on Mondays."),
        ("Wo ist das Fundbüro?", "Am Markt 4, 2. Stock", "Melden Sie es beim Fundbüro."),
        ("Waar is de bibliotheek?", "Kade 3, achter de kerk", "Boeken brengt u terug naar de bibliotheek."),
        ("Where does it look for its settings?", "It reads /etc/pump.conf first.", "Settings are read once."),
        ("図書館はどこですか。", "市役所三階", "Mondays only"),
        ("How heavy is the bag?", "It weighs 900 g.", "It has 4 pockets."),
        ("¿Cuánto pesa la bolsa?", "Hasta 8 kg", "Tiene 4 bolsillos."),
        ("How high did the river rise?", "It stood at 4.2 metres.", "It rose for 3 hours."),
        ("How much storage do I get?", "200 GB", "2 users"),
        ("How deep is the pond?", "It is two metres deep.", "It has two fish."),
        ("What is the interest rate?", "3.5 %", "200 m"),
        ("What does E7 mean?", "E7: the lid is open.", "It stopped with E7 again."),
        ("Was bedeutet die Meldung F12?", "F12 heißt, dass Wasser fehlt.", "Gestern kam wieder F12."),
    ],
)
def test_what_holds_a_place_a_measure_or_a_meaning(query: str, held: str, not_held: str) -> None:
    kind = asked_kind(query)
    assert kind is not None
    assert kind.outranks
    assert kind.holds(held)
    assert not kind.holds(not_held)


@pytest.mark.parametrize(
    "query",
    [
        "Why is my loaf so heavy?",
        "Does it weigh much?",
        "How do I measure the depth?",
        "What is a wide angle lens?",
        "How far in advance must I book?",
        "How high is the deposit?",
        "How wide is the choice of lamps?",
        "How fast do you answer?",
        "Which heavy goods are delivered?",
        "Which courses of distance learning are there?",
        "Quels cours à distance y a-t-il ?",
        "What memory foam is used?",
        "What storage space is there for prams?",
        "What share goes to the choir?",
        "Was ist wegen des Umbaus zu beachten?",
        "Welche Daten speichern Sie?",
        "¿Qué es el aprendizaje profundo?",
        "¿Qué abre a pesar de la obra?",
        "Welche Tour ist schwer?",
        "你们存储哪些数据？",
        "In welcher Sprache wird gelehrt?",
        "Dans quel délai répondez-vous ?",
        "Where can I find my order number?",
        "Where do I sign up?",
        "Where do you ship?",
        "Where does my money go?",
        "Dove soap or cream?",
        "var or let in JavaScript?",
    ],
)
def test_questions_for_no_measure_and_no_place(query: str) -> None:
    assert asked_kind(query) is None


@pytest.mark.parametrize("query", ["What is included in the cost?", "Стоит ли покупать лодку?", "Что стоит у входа?"])
def test_questions_for_no_cost(query: str) -> None:
    assert not lacks_kind(query, ["Meals"])


@pytest.mark.parametrize("query", ["What does it cost?", "What is the cost?", "Was kostet es?", "Сколько стоит лодка?"])
def test_questions_for_a_cost(query: str) -> None:
    assert lacks_kind(query, ["Meals"])


def test_a_number_with_another_unit_is_not_outranked() -> None:
    html = "<h1>Bank</h1><p>The loan has a rate of 3.5 %.</p><p>The loan desk is 200 m away, for loans at any rate.</p>"
    assert whole_answer(read_page(html, query="How high is the rate of the loan?"), (2, 3)) == (2, 3)
    html = "<h1>Pond</h1><p>The pond froze at 4 °C.</p><p>The pond is 9 m deep.</p><p>The pond freezes deep.</p>"
    assert whole_answer(read_page(html, query="How deep is the pond?"), (3, 4)) == (3,)


@pytest.mark.parametrize(
    ("query", "text", "lacks"),
    [
        ("Where is Marram Tools based?", "© Marram Tools · Imprint", True),
        ("Where is Marram Tools based?", "A workshop behind the mill", False),
        ("Where is the desk?", "Ask at the desk.", True),  # it names the thing alone
        ("Where is the desk?", "Ask at the desk, in 2019 and on Mondays.", True),  # numbers and times are no places
        ("Where was she born?", "Born | 4 May 1921, Umeå, Sweden", False),
        ("Where is the job?", "Place of work: Harle", False),
        ("Où est Tarn ?", "Tarn est une commune du Jura.", False),
        ("블레이크는 어디에 있나요?", "호수 옆 공원", False),
        ("How heavy is the bag?", "A light bag.", True),
        ("How heavy is the bag?", "Two kilos", False),
        ("How far is the beach?", "About a hundred metres", False),
    ],
)
def test_texts_that_name_no_place_and_no_measure(query: str, text: str, lacks: bool) -> None:
    assert lacks_kind(query, [text]) is lacks


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("Where do I sign up for lessons?", "Write to us or call."),
        ("How heavy is the lantern?", "A child lifts it with ease."),
        ("How much do the lessons cost?", "Ask the teacher."),
    ],
)
def test_what_stands_below_the_question_itself_answers_it(query: str, answer: str) -> None:
    page = read_page(f"<h1>Help</h1><h2>{query}</h2><p>{answer}</p><h2>Dogs</h2><p>No dogs, please.</p>", query=query)
    assert whole_answer(page, (3,), is_sure=False) == (2, 3)


def test_the_thing_alone_does_not_repeat_a_question() -> None:
    query = "Where is the desk?"
    page = read_page("<h1>Help</h1><p>The lamp is new.</p><p>Ask at the desk.</p>", query=query)
    assert whole_answer(page, (3,), is_sure=False) == ()


PLANS = (
    "<h1>Plans</h1><table><tr><th></th><th>Solo</th><th>Team</th></tr><tr><td>Price per month</td><td>€9</td>"
    "<td>€29</td></tr><tr><td>Projects</td><td>5</td><td>50</td></tr><tr><td>Version history</td><td>one month</td>"
    "<td>one year</td></tr></table><p>Charities ask at the office.</p><p>Refunds go through the office.</p>"
)
QUEUE = (
    "<h1>Configuration</h1><table><tr><th>Option</th><th>Default</th><th>Meaning</th></tr><tr><td>workers</td><td>4</td>"
    "<td>Processes.</td></tr><tr><td>limit</td><td>9</td><td>Jobs.</td></tr></table><dl><dt>No worker</dt><dd>All"
    " workers are busy.</dd></dl>"
)
NOTEBOOK = (
    "<h1>N1</h1><h2>Power</h2><table><tr><td>Battery</td><td>72 Wh</td></tr><tr><td>Runtime</td><td>16 hours</td></tr>"
    "<tr><td>Charger</td><td>65 W</td></tr></table>"
)
BAGS = (
    "<h1>Bags</h1><h2>Hand luggage</h2><p>A bag of 8 kg and 55 × 40 cm.</p><p>Liquids in bottles of 100 ml.</p>"
    "<h2>Skis</h2><p>Bring them.</p>"
)
TOWN = (
    "<h1>Stadt Moor</h1><p>Einen verlorenen Pass melden Sie beim Bürgeramt oder bei der Polizei.</p><h2>Kontakt</h2>"
    "<p>Bürgeramt, Am Markt 4</p>"
)
TIP = (
    "<h1>Afval</h1><p>Wij nemen grotere spullen aan op de milieustraat.</p><h2>Milieustraat</h2><p>Kade 18, achter de"
    " fabriek.</p><p>Neem uw pas mee.</p>"
)
PASS = (
    "<h1>Pass</h1><h2>Voraussetzungen</h2><p>Sie wohnen hier.</p><h2>Erforderliche Unterlagen</h2><ul><li>ein Foto</li>"
    "<li>alter Pass</li></ul>"
)
MASTER = (
    "<h1>Master</h1><table><tr><td>Ouverture</td><td>1er février</td></tr><tr><td>Date limite</td><td>15 avril</td>"
    "</tr></table><p>Le dossier est remis en ligne.</p>"
)


QUAY = (
    "<h1>The quay</h1><ul><li>Residents of Quay Street park at the station.</li><li>Deliveries come within 2 days.</li>"
    "<li>Report noise on 0800 555 010.</li><li>Cancel by mail to stop@x.example.</li></ul>"
)
JOB = (
    "<h1>Nurse</h1><h2>Maker</h2><p>Biosad, Tarn.</p><h3>Also bought</h3><ul><li>Vitamins</li><li>Salve</li></ul>"
    "<h2>参数</h2><table><tr><td>重量</td><td>5.6 千克</td></tr><tr><td>颜色</td><td>白</td></tr></table>"
)


@pytest.mark.parametrize(
    ("html", "query", "kept", "answer"),
    [
        (PLANS, "How much does the Team plan cost?", (2,), (2, 3)),  # of the rows, the one that is a price
        (PLANS, "Where do charities ask?", (2, 6), (6,)),  # a header row that tells nothing, beside an answer
        (QUEUE, "What is the default value of workers?", (2, 5, 6), (2, 3)),  # a label goes with its body
        (NOTEBOOK, "How long does the battery last?", (3,), (4,)),  # the row beside that is a length of time
        (BAGS, "How heavy may hand luggage be?", (2,), (2, 3)),
        (TOWN, "Wo ist das Bürgeramt?", (2, 4), (4,)),  # a place, but no address
        (TIP, "Waar is de milieustraat?", (2,), (3, 4)),  # it names the thing alone
        (PASS, "Was muss ich mitbringen?", (), (4, 5, 6)),  # documents, and no other requirements
        (JOB, "Who is the maker?", (2, 3), (2, 3)),  # the text of a section, without the subsection below it
        (JOB, "机器多重？", (), (8,)),
        (MASTER, "Quand faut-il remettre le dossier au plus tard ?", (), (3,)),
        (QUAY, "Where do I report noise?", (4,), (4,)),  # what stands beside it holds nothing of the question
        (QUAY, "How many days do I have to cancel?", (5,), (5,)),
    ],
)
def test_rows_and_blocks_of_the_kind_that_is_asked_for(
    html: str, query: str, kept: tuple[int, ...], answer: tuple[int, ...]
) -> None:
    assert whole_answer(read_page(html, query=query), kept) == answer


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ("spectators", "attendance"),
        ("RAM", "memory"),
        ("injured", "hurt"),
        ("wine", "alcohol"),
        ("siblings", "brothers"),
        ("bezahlen", "zahlen"),
        ("déposer", "dépôt"),
        ("marito", "coniuge"),
        ("zgubię", "zgubiona"),
        ("noise", "loud"),
        ("prohibited", "allowed"),
        ("extension", "renew"),
        ("Diebstahl", "gestohlen"),
        ("habitants", "population"),
        ("жители", "население"),
    ],
)
def test_everyday_words_for_the_same(asked: str, held: str) -> None:
    assert alike(terms(asked), terms(held)) == set(terms(asked))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The fair takes place during the summer.", False),
        ("There is room for improvement.", False),
        ("5 square metres of building blocks", False),
        ("Vi kommer kl. 2 og 3.", False),
        ("corso di laurea", False),
        ("请输入账号和型号", False),
        ("3. OG, links", True),
        ("Room 4, second floor", True),
        ("12 place de la Gare", True),
        ("Corso Magenta 3", True),
        ("中山路12号", True),
    ],
)
def test_what_addresses_hold(text: str, found: bool) -> None:
    assert is_address(text) is found
