"""Which encoding bytes are in, where they state none or a wrong one."""

from __future__ import annotations

import pytest

from indexlm import read_page

TEXTS = {
    "pl": "W sobotę mieszkańcy świętowali otwarcie ścieżki rowerowej, która łączy wieś z miastem. Źródła ciepła są.",
    "cs": "V sobotu oslavili obyvatelé otevření cyklostezky. Žáci místní školy přišli také, šťastní a veselí.",
    "sk": "Žiaci miestnej školy prišli tiež, šťastní a veselí. Ľudia si ľahko našli cestu, ťažšie však parkovanie.",
    "hu": "Az őszi időben sok vendég jött, és a gyűlésen is beszéltek róla. Fűt és fát ígértek.",
    "sl": "Žal je deževalo, šolarji pa so prišli. Čas teče.",
    "ro": "Sâmbătă, locuitorii oraşului au sărbătorit. Şcoala şi ţara.",
}


@pytest.mark.parametrize("declared", ["", "<meta charset=utf-8>"])
@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize("lang", TEXTS)
@pytest.mark.parametrize("encoding", ["iso8859_2", "cp1250"])
def test_the_two_encodings_of_central_europe_are_told_apart(
    lang: str, encoding: str, count: int, declared: str
) -> None:
    html = f"<html lang={lang}>{declared}<title>x</title>" + f"<p>{TEXTS[lang]}" * count
    assert read_page(html.encode(encoding)).blocks[0].text == TEXTS[lang]


def test_signs_beside_words_do_not_make_another_encoding() -> None:
    for text in ("© Krajská správa, „citát“ «slova» 5 µm ± 3 § 4 ¶ 5, příště", "©Wydawca ®Marka, „łódka” – wieś"):
        lang = "cs" if "citát" in text else "pl"
        assert read_page(f"<html lang={lang}><p>{text}</p>".encode("cp1250")).text == text


def test_a_declared_encoding_stays() -> None:
    html = "<html lang=pl><meta charset=windows-1250><p>W¶ród go¶ci</p>"
    assert read_page(html.encode("cp1250")).text == "W¶ród go¶ci"


@pytest.mark.parametrize("declared", ["", "<meta charset=utf-8>", "<html lang=ru>"])
@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "iso8859_5", "cp866"])
def test_a_few_words_in_cyrillic_are_read(encoding: str, declared: str) -> None:
    text = "Лодки вернулись в гавань утром, и все девять снова стоят у причала."
    assert read_page(f"{declared}<p>{text}".encode(encoding)).text == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("배 아홉 척이 아침에 항구로 돌아와서 부두에 서 있습니다.", "cp949"),
        ("เรือเก้าลำกลับมาที่ท่าเรือในตอนเช้า และจอดอยู่ที่ท่า", "cp874"),
        ("תשע הסירות חזרו לנמל בבוקר ועומדות שוב ליד המזח.", "cp1255"),
        ("Усі човни повернулися в гавань і стоять біля причалу.", "koi8-u"),
        ("Τα εννέα σκάφη επέστρεψαν στο λιμάνι το πρωί.", "cp1253"),
        ("九艘船早上回到了港口，现在又停在码头旁边了。", "gb18030"),
        ("九隻の船は朝のうちに港へもどってきました。", "cp932"),
        ("九隻の船は朝のうちに港へもどってきました。", "euc_jp"),
    ],
)
def test_a_few_words_in_other_letters_are_read(text: str, encoding: str) -> None:
    assert read_page(f"<p>{text}".encode(encoding)).text == text
    if encoding != "gb18030":
        assert read_page(f"<meta charset=iso-8859-1><p>{text}".encode(encoding)).text == text


@pytest.mark.parametrize(
    "text", ["»»»»»»»» weiter", "°°°°°°°°°°°°°°°°", "Größe ··········· 5 µm", "¿ÀÉÎÕÜ ÀÉÎÕÜ!", "ÄÖÜ äöü ß"]
)
def test_signs_and_letters_of_latin_stay_what_is_declared(text: str) -> None:
    assert read_page(f"<meta charset=windows-1252><p>{text}".encode("cp1252")).text == text


def test_another_encoding_of_cyrillic_than_the_declared_one_is_seen() -> None:
    text = "Лодки вернулись в гавань утром, и все девять снова стоят у причала."
    assert read_page(f"<meta charset=windows-1251><p>{text}".encode("koi8-r")).text == text
    assert read_page(f"<meta charset=windows-1251><p>{text}".encode("cp1251")).text == text


def test_capitals_in_the_declared_encoding_of_cyrillic_are_no_other_letters() -> None:
    for text in ("НОВОСТИ СПОРТА И ПОГОДЫ", "ЛОДКИ ВЕРНУЛИСЬ В ГАВАНЬ УТРОМ"):
        for encoding in ("koi8-r", "windows-1251", "iso8859-5"):
            assert read_page(f"<meta charset={encoding}><p>{text}".encode(encoding)).text == text


def test_utf_8_that_is_said_to_be_ascii_is_utf_8() -> None:
    mail = "From: a@b.example\nMIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n\nGrüße, Öl\n"
    assert read_page(mail.encode()).blocks[-1].text == "Grüße, Öl"
    answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=us-ascii\r\n\r\n<p>Grüße, Öl"
    assert read_page(answer.encode()).text == "Grüße, Öl"
    assert read_page(answer.encode("latin-1")).text == "Grüße, Öl"
