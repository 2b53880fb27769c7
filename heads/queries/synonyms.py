"""Words that name the same thing: a page may say `elevator` where a question says `lift`, and `sent` for `send`.

The lists hold everyday words alone: what visitors, customers and readers ask for and do, in several languages.
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
memory ram
monitor screen display
injured hurt wounded injury injuries
died dead killed deaths death fatalities victims
manufacturer manufactures manufactured made produced maker
coach trainer
spectators attendance audience
founded founder founding established foundation
population inhabitants residents
husband wife spouse
located location situated headquarters headquartered based
charity charities nonprofit nonprofits
excess deductible
cancel cancellation terminate termination notice
theft stolen steal
employees staff workforce
job position vacancy
money sum amount
storage space disk capacity
maximum limit largest
uninstall remove delete
settings preferences
failure error fault
solution solve solved fix fixed
password passcode
car vehicle
suitcase bag
trash rubbish garbage waste
depart departs departure leave leaves
arrive arrives arrival
ill illness sick
dose dosage
medicine medication drug tablets pills
pregnant pregnancy
deadline latest
free complimentary
kosten kostet preis preise gebühr gebühren
zahlen bezahlen zahlung bezahlung
dauert dauer
offen geöffnet öffnet öffnungszeiten sprechzeiten
adresse anschrift standort
abholen abholung holen
verlieren verloren verlust
kündigen kündigung
beantragen antrag
verlängern verlängerung
gültig gültigkeit gilt
geboren geburt geburtsdatum
gestorben starb tod
gegründet gründer gründung gründete
ehemann ehefrau verheiratet heiratete
müll abfall
arbeitsspeicher ram
akku batterie
bildschirm display monitor
garantie gewährleistung
leiter leiterin leitung leitet
coût coûte prix tarif frais
payer paiement règlement
perdre perdu perte
déposer dépôt
envoyer envoi
naissance né née naquit
mort morte décès décédé
fondé fonda fondateur fondation
mari époux épouse femme conjoint
dirige responsable directeur directrice
déchets poubelle ordures
ouvrir ouvert ouverture
fermer ferme fermeture
dure durée
places capacité
precio coste cuesta tarifa
pagar pago
perder perdido perdida pérdida
nacimiento nació nacido
muerte murió falleció
fundado fundó fundador
marido esposo esposa cónyuge
maleta maletas equipaje
roto rota dañado dañada daños
basura residuos
abrir abre abierto apertura
cerrar cierra cierre
prezzo costo costa tariffa
pagare pagamento
nascita nato nata nacque
morte morto morta morì
fondato fondò fondatore
marito moglie coniuge
rifiuti spazzatura
aprire aperto apertura
durata dura
preço custo custa
pagar pagamento
nascimento nasceu
morte morreu faleceu
lixo resíduos
prijs kosten kost tarief
betalen betaling betaalt
kapot stuk defect
geboren geboorte
overleden stierf
afval vuilnis
ophalen opgehaald weghalen
cena opłata koszt kosztuje
zapłacić płatność opłata
zgubić zgubiona zgubię
założyć otworzyć otwarcie
urodzony urodził urodzenia
zmarł śmierć
цена стоимость стоит
оплата платить оплатить
родился родилась рождения
умер умерла смерти
値段 料金 価格 運賃
荷物 手荷物
電源 充電
住所 所在
价格 费用 收费 票价
保修 质保
尺寸 大小
complain complaint complaints
expire expires expiry valid validity
renew renewal extend extension
replace replacement
supported compatible compatibility
allergy allergic allergens
calories kcal
citizenship nationality
study studied studies graduated education educated
prohibited forbidden banned allowed
cheapest lowest
resign resigned stepped
noisy noise loud
beschweren beschwerde reklamation reklamieren
abgelaufen ablaufen gültig
ersetzen ersatz
erlaubt verboten gestattet
studierte studium studiert
étudié études étudia
autorisé interdit permis
réclamation plainte
estudió estudios estudiado
permitido prohibido
queja reclamación reclamar
studiato studi studiò
vietato permesso consentito
estudou estudos
proibido permitido
verboden toegestaan
klacht klagen
studia studiował studiowała
учился училась окончил образование
жалоба пожаловаться
apply application
sell sale
fail failure
respond response reply
deny refuse rejected declined
treat treatment therapy cure
symptom sign
prevent prevention avoid
contagious infectious infection
nausea vomiting
swelling swollen
exam test
scholarship grant
dormitory accommodation housing residence
boss manager supervisor
folder directory
enable activate
disable deactivate
argument parameter flag
deprecated removed obsolete
newest latest
travel trip journey
vaccine vaccination vaccinated
stadium venue arena
blaze fire
collision crash accident
arrested detained custody
earthquake quake
reparieren reparatur
ankommen ankunft
abfahren abfahrt
erfinder erfunden erfand
gebaut erbaut baujahr
wahl gewählt
laut lärm geräusch
sicher sicherheit
versichert versicherung
gestohlen diebstahl
bewerben bewerbung
einwohner bevölkerung
unterschreiben unterschrift
partir départ
arriver arrivée
réparer réparation
construit construction
habitants population
blessé blessés
assuré assurance
annuler annulation
réserver réservation
voiture véhicule
llegar llegada
salir salida
reparar reparación
construyó construido construcción
habitantes población
robo robado
reservar reserva
casó casado matrimonio
coche carro vehículo
arrivare arrivo
partire partenza
costruito costruzione
abitanti popolazione
furto rubato
prenotare prenotazione
chegar chegada
sair saída
habitantes população
vertrekken vertrek
aankomen aankomst
inwoners bevolking
gestolen diefstal
repareren reparatie
mieszkańcy ludność
kradzież skradziony
naprawa naprawić
wymiana wymienić
zwrot zwrócić
население жители
кража украли
ремонт починить
обмен обменять
бронирование забронировать
муж жена супруг супруга
основан основал основатель
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
alcohol: wine beer
siblings: brother brothers sister sisters
parents: mother father
children: daughter daughters son sons
kinder: sohn tochter töchter söhne
enfants: fils fille filles
hijos: hijo hija hijas
figli: figlio figlia figlie
filhos: filho filha
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
