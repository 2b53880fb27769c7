"""Words that name the same thing: a page may say `elevator` where a question says `lift`.

The lists are short on purpose: things that visitors, customers and readers ask for, each in a few languages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from indexlm.text import terms

_GROUPS = """
lift elevator
parking carpark garage
toilet restroom bathroom washroom wc
wifi wlan internet
restaurant café cafeteria canteen
discount reduction concession reduced
warranty guarantee
child kid children
bike bicycle
train rail railway
wheelchair accessible accessibility
refund reimbursement
delivery shipping postage
shop store
luggage baggage
holiday vacation
film movie
salary wage pay
husband wife spouse
picture photo photograph image
apartment flat
mobile smartphone cellphone
delete remove erase
purchase buy bought
doctor physician
pupil student
aufzug fahrstuhl lift
parkplatz parkplätze parken parkhaus tiefgarage
toilette wc
rabatt ermäßigung ermäßigt
rollstuhl barrierefrei rollstuhlgerecht
fahrrad rad
lehrgang kurs
lieferung versand
gehalt lohn
arzt ärztin
ascenseur élévateur
stationnement parking
réduction remise
livraison expédition
vélo bicyclette
ascensor elevador
aparcamiento estacionamiento parking
descuento rebaja
bicicleta bici
nevera frigorífico
envío entrega
ascensore elevatore
parcheggio posteggio
sconto riduzione
elevador ascensor
estacionamento parque
desconto redução
lift hiss
korting reductie
fiets rijwiel
winda dźwig
zniżka rabat
лифт подъемник
скидка льгота
парковка стоянка
asansör lift
otopark park
indirim iskonto
駐車場 パーキング
エレベーター 昇降機
割引 値引
停车 泊车
电梯 升降机
折扣 优惠
할인 감면
주차장 주차
"""
_KINDS = """
pet animal: dog cat
haustier tier: hund katze
animal: chien chat
mascota animal: perro gato
animale: cane gatto
animal: cão gato
zwierzę: pies kot
животное питомец: собака кошка
evcil: köpek kedi
ペット: 犬 猫
"""
"""Names of kinds, and what is one of these: neither of the latter is the other."""


@cache
def synonyms() -> dict[str, frozenset[str]]:
    """By term, those of other words for the same."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in _GROUPS.strip().splitlines():
        _join(found, line.split(), line.split())
    for line in _KINDS.strip().splitlines():
        kinds, members = (part.split() for part in line.split(":"))
        _join(found, kinds, members)
        _join(found, members, kinds)
    return {term: frozenset(others - {term}) for term, others in found.items()}


def _join(found: defaultdict[str, set[str]], names: Iterable[str], others: Iterable[str]) -> None:
    for name in names:
        for term in terms(name):
            found[term].update(*map(terms, others))
