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
