"""What a page states of itself, from every usual place, and what is guessed and says so."""

from __future__ import annotations

import json

import pytest
import yaml

from indexlm import Extractor, Metadata, MetadataValue, read_page
from indexlm.guess import guess_missing
from indexlm.html.metadata.dates import iso_date
from indexlm.html.metadata.describe import describe
from indexlm.output.front_matter import to_front_matter

GULL = "<meta property=og:site_name content=Gull>"
PROSE = "<p>Nine boats left the harbour before the storm came in, and all of them were back the next day.</p>"


def stated(head: str, body: str = PROSE, url: str = "https://harbour.example/log/9") -> dict[str, tuple[str, str]]:
    """By field the value and its source."""
    metadata = describe(f"<html><head>{head}</head><body>{body}</body></html>", url)
    assert not any(value.guessed for value in metadata.values().values())
    return {name: value[:2] for name, value in metadata.values().items()}


def linked(data: object) -> str:
    return f'<script type="application/ld+json">{data if isinstance(data, str) else json.dumps(data)}</script>'


ARTICLE = {
    "@type": ["NewsArticle", "Thing"],
    "headline": "Nine boats &amp; a storm",
    "datePublished": "2024-05-03T07:30:00+0200",
    "dateModified": "2024-05-04",
    "author": [{"@type": "Person", "name": "Ida Holm"}, {"@id": "#per"}],
    "publisher": {"@type": "Organization", "name": "Harbour Log"},
    "image": {"@type": "ImageObject", "url": "/boats.jpg"},
}
PERSON = {"@type": "Person", "@id": "#per", "name": "Per Lund"}


@pytest.mark.parametrize(
    "data",
    [
        [ARTICLE, PERSON],
        {"@graph": [{"@type": "WebSite", "name": "Other"}, ARTICLE, PERSON]},
        {"@graph": [[PERSON, {"@type": "WebPage", "mainEntity": ARTICLE}]]},
        json.dumps([ARTICLE, PERSON]).replace("}]", "},\n]"),
        f"/* <![CDATA[ */ {json.dumps(ARTICLE)};\n{json.dumps(PERSON)} /* ]]> */",
        json.dumps([ARTICLE, PERSON]).replace("Harbour Log", "Harbour\tLog"),
        json.dumps([ARTICLE, PERSON]).replace("Harbour Log", "Harbour \\'Log".replace("'", "")),
    ],
    ids=["array", "graph", "nested", "trailing comma", "cdata and two values", "control character", "bad escape"],
)
def test_json_ld_is_read_in_every_shape(data: object) -> None:
    values = stated(linked(data))
    assert values["title"] == ("Nine boats & a storm", "json-ld")
    assert values["author"] == ("Ida Holm; Per Lund", "json-ld")
    assert values["published"] == ("2024-05-03T07:30:00+02:00", "json-ld")
    assert values["modified"] == ("2024-05-04", "json-ld")
    assert values["site"] == ("Harbour Log", "json-ld")
    assert values["image"] == ("https://harbour.example/boats.jpg", "json-ld")
    assert values["type"] == ("NewsArticle", "json-ld")


def test_json_ld_that_cannot_be_repaired_gives_what_can_be_read() -> None:
    values = stated(
        linked('{"@type": "Article", "headline": "Nine boats", "x": "a "b" c", "datePublished": "2024-05-03"')
    )
    assert values["title"] == ("Nine boats", "json-ld")
    assert values["published"] == ("2024-05-03", "json-ld")


@pytest.mark.parametrize("data", ["", "{", "[" * 5000, "null", '{"@graph": 1}', '{"@type": 3, "author": [[], 1e999]}'])
def test_json_ld_without_sense_is_no_error(data: str) -> None:
    assert set(stated(linked(data) + "<title>Boats</title>")) <= {"title", "canonical", "author"}


def test_a_page_that_lists_articles_has_the_one_with_its_address() -> None:
    others = [
        {"@type": "Article", "headline": f"Other {i}", "url": f"https://harbour.example/log/{i}"} for i in range(3)
    ]
    assert "title" not in stated(linked(others))
    own = ARTICLE | {"url": "http://www.harbour.example/log/9/"}
    assert stated(linked([*others, own]))["title"][0] == "Nine boats & a storm"


def test_open_graph_meta_and_elements_are_read() -> None:
    values = stated(
        "<title>Nine boats | Harbour Log</title><meta property=og:title content='Nine boats'>"
        "<meta property=article:published_time content='2024-05-03T05:30:00Z'><meta name=author content='By Ida Holm'>"
        "<meta property=og:locale content=nb_NO><meta property=og:site_name content='Harbour Log'>"
        "<meta name=description content='All are back.'><meta property=og:type content=article>"
        "<link rel=canonical href=/log/nine><meta property=article:modified_time content='{{modified}}'>"
    )
    assert values == {
        "title": ("Nine boats", "og:title"),
        "author": ("Ida Holm", "author"),
        "published": ("2024-05-03T05:30:00+00:00", "article:published_time"),
        "site": ("Harbour Log", "og:site_name"),
        "description": ("All are back.", "description"),
        "language": ("nb-NO", "og:locale"),
        "canonical": ("https://harbour.example/log/nine", "link canonical"),
        "type": ("article", "og:type"),
    }


def test_dublin_core_and_citations_are_read() -> None:
    values = stated(
        "<meta name=citation_author content='Holm, Ida'><meta name=citation_author content='Lund, Per'>"
        "<meta name=citation_publication_date content=2019/05><meta name='DC.title' content='On boats'>"
        "<meta name='dc:language' content=en>"
    )
    assert values["author"] == ("Holm, Ida; Lund, Per", "citation_author")
    assert values["published"] == ("2019-05", "citation_publication_date")
    assert values["title"] == ("On boats", "dc.title")
    assert values["language"] == ("en", "dc.language")


def test_several_authors_in_one_citation_are_read() -> None:
    assert stated("<meta name=citation_authors content='Ito K;Baker LM;'>")["author"] == (
        "Ito K; Baker LM",
        "citation_authors",
    )


@pytest.mark.parametrize(
    ("title", "value"),
    [
        ("std::vector&lt;int&gt; in C++", "std::vector<int> in C++"),
        ("&lt;a&gt;: The anchor", "<a>: The anchor"),
        ("On &lt;em&gt;old &lt;b&gt;boats&lt;/b&gt;&lt;/em&gt;&lt;br&gt;and nets", "On old boats and nets"),
    ],
)
def test_only_whole_elements_in_a_title_are_markup(title: str, value: str) -> None:
    assert stated(f"<title>{title}</title>")["title"] == (value, "title")


@pytest.mark.parametrize(
    ("page", "title", "source"),
    [
        (
            "<title>A storm – The Daily Gull</title><meta property=og:site_name content='The Daily Gull'>",
            "A storm",
            "title",
        ),
        ("<title>Gull | A storm</title><meta name=application-name content=Gull>", "A storm", "title"),
        ("<title>Gull: A storm</title><meta name=application-name content=Gull>", "A storm", "title"),
        ("<title>Gull</title><meta name=application-name content=Gull>", "Gull", "title"),
        ("<title>A storm - a gull</title><meta name=application-name content=Hut>", "A storm - a gull", "title"),
        ("<title></title><body><h1>A <b>storm</b></h1><p>It came.", "A storm", "h1"),
        ("<title>A storm | Gull</title><body><h1>A storm</h1><p>It came.", "A storm", "title"),
        ("<title>Install - Ebb</title><body><h1>Install<a href='#i'>¶</a></h1>", "Install", "title"),
        ("<title>Gull: a guide</title><meta name=application-name content=Gull>", "Gull: a guide", "title"),
        (
            "<title>Gull: A storm</title><meta name=application-name content=Gull><body><h1>Gull: A storm</h1>",
            "Gull: A storm",
            "title",
        ),
        ("<title>渔港夜市_新闻网</title><body><h1>渔港夜市</h1>", "渔港夜市", "title"),
        (
            "<title>Mere | Ebb Wiki | Host</title><meta property=og:site_name content='Ebb Wiki'><body><h1>Mere</h1>",
            "Mere",
            "title",
        ),
        *(
            (f"<title>A storm{sign}The Gull</title><meta property=og:site_name content='The Gull'>", "A storm", "title")
            for sign in " :: , / , &lt; ,｜,_, － , ~ , ¦ , › , * , « , -- , -,- ".split(",")  # noqa: SIM905
        ),
        ("<title>A storm | Sea | The Gull</title><body><h1>A storm</h1>", "A storm", "title"),
        (
            "<meta property=og:title content='A storm - The Gull'><meta property=og:site_name content='The Gull'>",
            "A storm",
            "og:title",
        ),
        (
            "<meta property=og:title content='The Gull - A storm'><meta property=og:site_name content='The Gull'>",
            "The Gull - A storm",
            "og:title",
        ),
        ("<title>A storm (The Gull)</title><meta property=og:site_name content='The Gull'>", "A storm", "title"),
        (
            "<title>A storm - Gulls.example</title><meta property=og:url content=https://www.gulls.example>",
            "A storm",
            "title",
        ),
        ("<title>(3) A storm</title><body><h2>Storms</h2>", "A storm", "title"),
        (f"<title>Gull » News » A storm</title>{GULL}<h1>A storm</h1>", "A storm", "title"),
        (f"<title>A storm - Gull</title>{GULL}<h1>Gull</h1>", "A storm", "title"),
        (f"<title>A storm | Gull</title><meta property=og:title content=Gull>{GULL}", "A storm", "title"),
        (f"<title>A storm comes | Gull</title><meta property=og:title content='A s…'>{GULL}", "A storm comes", "title"),
        ("<title></title><body><h1>A storm</h1><h1>Another</h1>", "A storm", "h1"),
        ("<title>(500) Nights of Gulls</title><body><h1>(500) Nights of Gulls</h1>", "(500) Nights of Gulls", "title"),
    ],
)
def test_a_title_is_without_the_name_of_its_site_and_may_be_the_heading(page: str, title: str, source: str) -> None:
    assert describe(page).title == (title, source, False)


@pytest.mark.parametrize(
    ("page", "author"),
    [
        ("<p class=byline>By Lena Ross</p>", ("Lena Ross", "byline")),
        (
            "<meta name=author content=admin><div class=post-author>By Lena Ross and Bo Lee</div>",
            ("Lena Ross; Bo Lee", "byline"),
        ),
        ("<p class=byline>By Lena Ross, Chief Economist</p>", ("Lena Ross, Chief Economist", "byline")),
        ("<p class=byline>Our best boats of 2026</p><span class=autor>Von Ida Holm</span>", ("Ida Holm", "byline")),
        ("<a rel=author>Ada Roe</a><a rel=author>Bo Lee</a>", ("Ada Roe; Bo Lee", "rel=author")),
        (
            "<meta name=twitter:label1 content='Written by'><meta name=twitter:data1 content='Ada Roe'>",
            ("Ada Roe", "twitter:data"),
        ),
        ("<meta name=citation_authors content='Ada Quist;Bo Lind'>", ("Ada Quist; Bo Lind", "citation_authors")),
        ("<span class=author>作者：周明</span>", ("周明", "byline")),
        ("<span class=article-author>كتبت: <a href=/a>ليلى منصور</a></span>", ("ليلى منصور", "byline")),
        ("<div class=comment-author>Ida Holm</div><p class=outline>One Two</p>", None),
        ("<span class=author>作者简介：她住在海边，写了三本书。</span>", None),
        ("<span class='author vcard'>by <a href=/a>Ada Roe</a></span>", ("Ada Roe", "byline")),
        ("<a class=author-name href=/a>Ada Roe</a><p class=author-name>Ada Roe</p>", ("Ada Roe", "byline")),
        ("<b class=author-name>Ada Roe</b><b class=author-name>Bo Lee</b>", None),
        ("<h3 class=author-name>About Ada Roe</h3>", None),
        ("<p class=author>Autor: Jan Kos</p>", ("Jan Kos", "byline")),
        ("<div class=info>2026-03-04 09:15 来源：海岸报 作者：周明</div>", ("周明", "byline")),
        ("<h1>A storm</h1><p>By Ada Roe | 5 June 2026</p>", ("Ada Roe", "byline")),
        ("<h1>A storm</h1><div>Written by <b>Ada Roe</b> on March 4, 2026</div>", ("Ada Roe", "byline")),
        ("<h1>How to come</h1><p>By Public Transport</p>", None),
        ("<div class='comment even'><b class=author-name>Bo Lee</b></div>", None),
        ("<div class=author-box>Text: Come to the pier</div>", None),
        ("<meta name=authors content='Ada Roe'>", ("Ada Roe", "authors")),
        ("<p class=byline>By Ada Roe and Bo Lee, Staff Writers</p>", ("Ada Roe; Bo Lee", "byline")),
        ("<p class=byline><span>Author</span> <a href=/a>Ada Roe</a></p>", ("Ada Roe", "byline")),
        ("<a class='p-author h-card' href=/a>Ada Roe</a>", ("Ada Roe", "byline")),
        ("<h1>La porte</h1><p>Par Ada Roe, publié le 3 mai 2026 à 9h12</p>", ("Ada Roe", "byline")),
        ("<h1>Das Tor</h1><p>Von Ada Roe · Stand: 3. Mai 2026</p>", ("Ada Roe", "byline")),
        ("<h1>How to come</h1><p>By Train and Bus | 3 May 2026</p>", None),
        (
            "<p class=byline>By <a href=/a>Ada Roe</a> <a href=mailto:a@b.c>Email the author</a></p>",
            ("Ada Roe", "byline"),
        ),
        ("<p class=byline>Words by Ada Roe, photographs by Bo Lee</p>", ("Ada Roe", "byline")),
        ("<a rel=author>Ada Roe</a><aside><a rel=author>Bo Lee</a></aside>", ("Ada Roe", "rel=author")),
        ("<b itemprop=author itemscope><a itemprop=name>Ada Roe</a></b>", ("Ada Roe", "microdata")),
        ("<a href=/author/ada><img></a><a href=/author/ada>Ada Roe</a> · May 3, 2026", ("Ada Roe", "byline")),
        ("<a href=/author/ada>Ada Roe</a><a href=/author/bo>Bo Lee</a>", None),
        ("<div class=related-posts><a href=/author/ada>Ada Roe</a></div>", None),
        ("<meta name=author content='Ada Roe (ada@coast.example)'>", ("Ada Roe", "author")),
        ("<meta name=author content='ada@coast.example (Ada Roe)'>", ("Ada Roe", "author")),
        ("<p class=byline>Text by Ada Roe. Photographs by Bo Lee.</p>", ("Ada Roe", "byline")),
        ("<p class=autor>Von Ada Roe, Bremen</p>", ("Ada Roe", "byline")),
        ("<p class=auteur>Par Ada Roe</p>", ("Ada Roe", "byline")),
        ("<p class=author>文：山田花子</p>", ("山田花子", "byline")),
        (
            """<meta name=parsely-page content='{"authors": ["Ada Roe", "Bo Lee"]}'>""",
            ("Ada Roe; Bo Lee", "parsely-author"),
        ),
        ("<meta name=parsely-page content='{'>", None),
        (linked({"@type": "Article", "author": {"name": ["Ada Roe", "Bo Lee"]}}), ("Ada Roe; Bo Lee", "json-ld")),
        ("<meta name=author content='Ada Roe, Bo Lee &amp; Jan de Kos'>", ("Ada Roe; Bo Lee; Jan de Kos", "author")),
        ("<span class=author>Ada Roe</span>", ("Ada Roe", "byline")),
        ("<span class=author>Ada Roe</span><span class=author>Bo Lee</span>", None),
        ("<div class=related><span class=author>Ada Roe</span></div>", None),
        ("<p class=wp-block-post-author__name>Ada Roe</p>", ("Ada Roe", "byline")),
        ("<p class=autore>di Ada Roe</p>", ("Ada Roe", "byline")),
        ("<p class=writer>ライター：山田花子</p>", ("山田花子", "byline")),
        ("<p class=byline>김민수 기자</p>", ("김민수", "byline")),
        ("<span class=author>记者 李明</span>", ("李明", "byline")),
        ("<meta name=author content='Roe, Ada'>", ("Roe, Ada", "author")),
        ("<meta name=author content='Old Homes and Gulls Editors'>", ("Old Homes and Gulls Editors", "author")),
        ("<meta name=author content='José Ortega y Gasset'>", ("José Ortega y Gasset", "author")),
        ("<meta name=author content='Ada and Bo Roe'>", ("Ada and Bo Roe", "author")),
        ("<meta name=author content='Food and Drug Administration'>", ("Food and Drug Administration", "author")),
    ],
)
def test_authors_are_read_where_pages_name_them(page: str, author: tuple[str, str] | None) -> None:
    found = describe(page).author
    assert (None if found is None else found[:2]) == author


def test_a_person_may_be_named_in_two_parts() -> None:
    author = {"@type": "Person", "givenName": "Ada", "familyName": "Roe"}
    page = json.dumps({"@type": "Article", "headline": "A storm", "author": author})
    found = describe(f'<script type="application/ld+json">{page}</script>').author
    assert found == ("Ada Roe", "json-ld", False)


def test_the_name_of_an_author_without_an_item_is_not_that_of_the_page() -> None:
    author = "<span itemprop=author><a itemprop=url href=/u/ann><span itemprop=name>ann_k</span></a></span>"
    found = describe(f"<title>A leak</title><div itemscope itemtype=https://schema.org/DiscussionForumPosting>{author}")
    assert (found.title, found.canonical) == (("A leak", "title", False), None)
    assert found.author == ("ann_k", "microdata", False)


def test_a_job_advertisement_has_its_own_title_and_date() -> None:
    job = {"@type": "JobPosting", "title": "Cook", "datePosted": "2026-03-01"}
    values = stated(f"<title>Cook - Jobs at Harbour</title>{linked(job)}")
    assert (values["title"], values["published"]) == (("Cook", "json-ld"), ("2026-03-01", "json-ld"))


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_a_mail_states_who_wrote_it_and_when(kind: str) -> None:
    mail = (
        "From: Ida Holm <ida@harbour.example>\r\nTo: per@harbour.example\r\nDate: Fri, 27 Nov 2026 10:00:00 +0100\r\n"
        f"Subject: Boats\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\nThe boats are back.\r\n"
    )
    values = Extractor("trees").extract(mail.encode()).metadata
    assert values.author == MetadataValue("Ida Holm", "author")
    assert values.published == MetadataValue("2026-11-27T10:00:00+01:00", "date")


def test_microdata_is_read_by_its_scopes() -> None:
    values = stated(
        "",
        "<div itemscope itemtype='https://schema.org/BlogPosting'><h1 itemprop=headline>Nine boats</h1>"
        "<span itemprop=author itemscope itemtype='https://schema.org/Person'><b itemprop=name>Ida Holm</b></span>"
        "<time itemprop=datePublished datetime=2024-05-03>today</time></div>"
        "<div itemscope itemtype='https://schema.org/Person'><b itemprop=name>Someone else</b></div>",
    )
    assert values["author"] == ("Ida Holm", "microdata")
    assert values["published"] == ("2024-05-03", "microdata")
    assert values["type"] == ("BlogPosting", "microdata")


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-05-03T07:30:00.123+02:00", "2024-05-03T07:30:00+02:00"),
        ("2024-05-03 07:30", "2024-05-03T07:30:00"),
        ("20240503", "2024-05-03"),
        ("Fri, 03 May 2024 05:30:00 GMT", "2024-05-03T05:30:00+00:00"),
        ("Friday, May 3, 2024", "2024-05-03"),
        ("3 May 2024", "2024-05-03"),
        ("2024年5月3日", "2024-05-03"),
        ("2024 May 3", "2024-05-03"),
        ("2024 Nov", "2024-11"),
        ("1714714200", "2024-05-03T05:30:00+00:00"),
        ("2019", "2019"),
        ("Mar 1, 2024 10:00 PM EST", "2024-03-01T22:00:00-05:00"),
        ("1. Mar 2024, 12:05 a.m.", "2024-03-01T00:05:00"),
        ("Fri Mar 01 2024 10:00:00 GMT+0100 (CET)", "2024-03-01T10:00:00+01:00"),
        ("Thu Mar  7 09:05:01 CET 2024", "2024-03-07T09:05:01+01:00"),
        ("2024-03-01T10:00:00 PST", "2024-03-01T10:00:00-08:00"),
        ("March 1, 2024 - 10:30", "2024-03-01T10:30:00"),
        ("March 1, 2024 · 5 min", "2024-03-01"),
        ("May 3, 2024 10:00 GMT+1", "2024-05-03T10:00:00+01:00"),
        ("2024-05-03-04:00", "2024-05-03"),
        ("Fri May 03 10:00:00 CST 2024", "2024-05-03T10:00:00"),  # of China or of America
        ("January 2024", "2024-01"),
        ("2:05 PM EST, January 3, 2024", "2024-01-03T14:05:00-05:00"),
        ("03.01.2024 14:05", "2024-01-03T14:05:00"),
        ("03/05/2024", ""),
        ("05/14/2024", "2024-05-14"),
        ("Fri, 07/14/2023 - 10:30", "2023-07-14T10:30:00"),
        ("Sun, 07/04/2021 - 17:57", "2021-07-04T17:57:00"),
        ("Fri, 05/03/2024", "2024-05-03"),
        ("Tue, 07/11/2023 - 17:57", "2023-07-11T17:57:00"),
        ("2024-13-45", ""),
        ("yesterday", ""),
        ("10:00, " * 5000, ""),
        ("12", ""),
    ],
)
def test_dates_are_iso_or_nothing(text: str, date: str) -> None:
    assert iso_date(text) == date


@pytest.mark.parametrize(
    ("page", "date"),
    [
        ("<p>Last updated: May 3, 2026</p>", "2026-05-03"),
        ("<p>Published May 1, 2026 · Updated May 3, 2026</p>", "2026-05-03"),
        ("<p><b>Last modified:</b> <span>3 May 2026</span></p>", "2026-05-03"),
        ("<p>Von Ada Roe · Stand: 3. Mai 2026</p>", "2026-05-03"),
        ("<p>Zuletzt geändert am 03.05.2026</p>", "2026-05-03"),
        ("<p>Mis à jour le 3 mai 2026</p><p>Mis à jour le 3 mai 2026</p>", "2026-05-03"),
        ("<p>Última actualización: 3 de mayo de 2026</p>", "2026-05-03"),
        ("<p>更新日：2026年5月3日</p>", "2026-05-03"),
        (
            "<time class=published datetime=2026-05-01></time><time class=updated datetime=2026-05-03></time>",
            "2026-05-03",
        ),
        ("<time class='published updated' datetime=2026-05-03>3 May</time>", None),
        ("<p>Updated: May 1, 2026</p><p>Updated: May 3, 2026</p>", None),
        ("<p>We changed 3 May 2026 to a day of rest.</p><pre>Updated: May 3, 2026</pre>", None),
        ("<p>Last updated by Ada Roe</p><p>Updated 3 times</p>", None),
    ],
)
def test_the_date_of_the_last_change_is_read_where_a_page_shows_one(page: str, date: str | None) -> None:
    modified = describe(f"<body><h1>x</h1>{page}{PROSE}").modified
    assert modified == (None if date is None else (date, "shown", False))


@pytest.mark.parametrize(
    ("page", "published", "modified"),
    [
        (
            "<time class='entry-date published updated' datetime=2026-05-01T10:00:00Z>x</time>",
            "2026-05-01T10:00:00+00:00",
            None,
        ),
        ("<time pubdate datetime=2026-05-01>x</time>", "2026-05-01", None),
        (
            "<time class=entry-date datetime=2026-05-01>x</time><time class=entry-date datetime=2026-05-02>x</time>",
            None,
            None,
        ),
        (
            "<time itemprop=dateModified datetime=2026-05-03>x</time><b itemprop=datePublished>May 1, 2026</b>",
            "2026-05-01",
            "2026-05-03",
        ),
        (
            "<meta name=modified-date content=2026-05-03><meta name=date content=1970-01-01T00:00:00Z>",
            None,
            "2026-05-03",
        ),
        ("<abbr class=published title=2026-05-01T10:00:00Z>May 1</abbr>", "2026-05-01T10:00:00+00:00", None),
        ("<meta name=date content='1 de marzo de 2026'>", "2026-03-01", None),
    ],
)
def test_dates_are_read_where_pages_state_them(page: str, published: str | None, modified: str | None) -> None:
    found = describe(f"<body><h1>x</h1>{page}{PROSE}")
    assert (found.published and found.published.value) == published
    assert (found.modified and found.modified.value) == modified


def test_the_time_of_a_guessed_day_is_that_which_the_page_gives_for_machines() -> None:
    pytest.importorskip("htmldate")
    page = f"<body><h1>x</h1><p class=meta>on <time datetime='2026-05-01T08:00:00+01:00'>May 1, 2026</time></p>{PROSE}"
    guessed = guess_missing(Metadata(), page, "").published
    assert guessed == ("2026-05-01T08:00:00+01:00", "htmldate", True)


def test_rdfa_is_read_as_microdata_is() -> None:
    name = "<span property=author typeof=Person><span property=name>Ada Roe</span></span>"
    page = (
        f"<article vocab='https://schema.org/' typeof='schema:Article'><h1 property=schema:headline>A storm</h1>{name}"
    )
    found = describe(f"{page}<time property=datePublished datetime=2026-05-01>1 May</time>{PROSE}</article>")
    assert found.title == ("A storm", "rdfa", False)
    assert found.author == ("Ada Roe", "rdfa", False)
    assert found.published == ("2026-05-01", "rdfa", False)


def test_values_of_elements_outside_of_items_and_of_several_relations_are_read() -> None:
    values = stated(
        "<link rel='canonical nofollow' href=/a><meta itemprop=image content=/i.jpg>"
        "<meta itemprop=description content=Gulls>"
        "<meta name=apple-mobile-web-app-title content=Gull><meta http-equiv=content-language content=EN-gb>"
    )
    assert values["canonical"] == ("https://harbour.example/a", "link canonical")
    assert values["image"] == ("https://harbour.example/i.jpg", "microdata")
    assert values["description"] == ("Gulls", "microdata")
    assert values["site"] == ("Gull", "apple-mobile-web-app-title")
    assert values["language"] == ("en-GB", "content-language")


def test_the_language_of_xhtml_is_read() -> None:
    assert describe(f"<html xml:lang=fr><body>{PROSE}").language == ("fr", "html lang", False)
    assert read_page(f"<html xml:lang=fr><body>{PROSE}").lang == "fr"


def test_guesses_are_marked_and_only_where_the_page_states_nothing() -> None:
    pytest.importorskip("htmldate")
    pytest.importorskip("py3langid")
    body = "<p>Die Boote liefen vor dem Sturm aus, und am Morgen darauf waren alle neun wieder im Hafen der Stadt.</p>"
    page = f"<main><p class=date>Published on 3 May 2021</p>{body * 3}</main>"
    metadata = Extractor("trees").extract(page).metadata
    assert metadata.language == MetadataValue("de", "py3langid", guessed=True)
    assert metadata.published == MetadataValue("2021-05-03", "htmldate", guessed=True)
    metadata = Extractor("trees").extract(f"<html lang=en><meta name=date content=2020-01-02>{page}").metadata
    assert metadata.language == MetadataValue("en", "html lang")
    assert metadata.published == MetadataValue("2020-01-02", "date")


def test_the_year_of_a_copyright_is_no_date() -> None:
    body = "<p>The gull is back on its roof, and nobody knows why it came.</p>"
    assert Extractor("trees").extract(f"{body}<footer>© 2026 Coast</footer>").metadata.published is None
    page = Extractor("trees").extract(
        f"{body}<footer>Copyright 1999–2026</footer>", url="https://x.example/2024/05/17/gull"
    )
    assert page.metadata.published == ("2024-05-17", "htmldate", True)


@pytest.mark.parametrize(
    ("dates", "date"),
    [
        ("<div id=comments><p class=date>9 January 2025</p><p>Nice.</p></div>", None),
        ("<p>5 June 2026</p><div class=comment-item><p class=comment-date>12 July 2026</p></div>", "2026-06-05"),
        (
            "<div class=post><p class=date>3 May 2025</p></div><div class=post><p class=date>9 May 2025</p></div>",
            "2025-05-03",
        ),
        ("<p>Opublikowano: 4 marca 2026</p>", "2026-03-04"),
    ],
)
def test_the_date_of_a_comment_is_not_that_of_the_page(dates: str, date: str | None) -> None:
    pytest.importorskip("htmldate")
    page = f"<body><h1>x</h1>{dates}<p>The gull is back on its roof, and nobody knows why it came.</p>"
    guessed = guess_missing(Metadata(), page, "").published
    assert (None if guessed is None else guessed.value) == date


@pytest.mark.parametrize(
    ("shown", "date"),
    [
        ("تاريخ النشر: 14 آذار 2026", "2026-03-14"),
        ("2026年04月02日 08:31", "2026-04-02"),
        ("5 มีนาคม 2568", "2025-03-05"),
        ("३ मई २०२६", "2026-05-03"),
        ("ב-3 במאי 2026", "2026-05-03"),
        ("31 февраля 2026", None),
        ("2026", None),
        ("We have built boats since 1998 for the whole coast.", None),
        ("Published on 1 January 2021 by the harbour.", "2021-01-01"),
        ("Published on 3 May 2021 by the harbour.", "2021-05-03"),
    ],
)
def test_a_date_in_other_letters_is_guessed_and_a_year_alone_is_none(shown: str, date: str | None) -> None:
    pytest.importorskip("htmldate")
    page = f"<body><h1>x</h1><span class=post-date>{shown}</span><p>Lind 2019 says so.</p><footer>© 2026 é</footer>"
    guessed = guess_missing(Metadata(), page, "").published
    assert (None if guessed is None else guessed.value) == date


@pytest.mark.parametrize(
    "text",
    [
        'a "b": c',
        "- item",
        "yes",
        "1e3",
        "it's # no comment",
        "line\u2028two\x85",
        "\ufeffx",
        "😀 \\ \t",
        "{a}",
        "---",
        "\ud800",
    ],
)
def test_front_matter_is_yaml_whatever_a_value_holds(text: str) -> None:
    matter = to_front_matter(Metadata(title=MetadataValue(text, "title", guessed=True)), url=text, expected_f1=0.5)
    start, body, end = matter.partition("\n")[0], matter[4:-4], matter[-4:]
    assert (start, end) == ("---", "\n---")
    expected = text.encode("utf-8", "replace").decode()
    assert yaml.safe_load(body) == {
        "url": expected,
        "expected_f1": 0.5,
        "title": expected,
        "sources": {"title": "title"},
        "guessed": ["title"],
    }
