"""Words that name the same thing: a page may say `elevator` where a question says `lift`, and `sent` for `send`.

The lists are short on purpose: things that visitors, customers and readers ask for and do, each in a few languages.
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
start begin began begun beginning
end finish finished
rent hire rental
luggage suitcase
broken faulty defective damaged
call ring
send sent ship shipped shipping dispatch dispatched
late overdue delay delayed
allow allowed permitted permit
repair fix mend
pay paid payment unpaid
minimum least
maximum most
lunch dinner breakfast meal meals food eat
born birth birthplace birthday
die died death
married marry wife husband
win won winner
award prize
teach teaches taught teacher tutor instructor
write wrote written author
buy bought
sell sold
keep kept
leave left
lose lost
take took taken
give gave given
bring brought
build built
make made
find found
hold held
choose chose chosen
break broke broken
steal stole stolen
speak spoke spoken
grow grew grown
draw drew drawn
drive drove driven
ride rode ridden
go went gone
weigh weight heavy
high height tall
width wide
length long
depth deep
speed fast
start beginn beginnt anfang
mieten leihen ausleihen verleih
umtauschen umtausch tauschen
kaputt defekt beschädigt
zurückgeben rückgabe zurückschicken zurücksenden rücksendung
schicken senden versenden verschicken versand
gewicht schwer wiegt
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
renvoyer retourner retour retours
échanger échange
commencer commence début débute
louer location
stationnement parking
réduction remise
livraison expédition
vélo bicyclette
ascensor elevador
devolver devolución
cambiar cambio canje
empezar empieza comenzar comienza inicio
alquilar alquiler
aparcamiento estacionamiento parking
descuento rebaja
bicicleta bici
nevera frigorífico
envío entrega
ascensore elevatore
restituire rendere reso
iniziare inizia inizio comincia
noleggiare noleggio affittare
pioggia piove piovere
macchina auto automobile
parcheggio posteggio
sconto riduzione
elevador ascensor
devolver devolução
trocar troca
começar começa início
alugar aluguel aluguer
carro automóvel
estacionamento parque
desconto redução
lift hiss
korting reductie
fiets rijwiel
winda dźwig
zniżka rabat
лифт подъемник
вернуть возврат
привезти доставить доставка
забрать самовывоз
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
