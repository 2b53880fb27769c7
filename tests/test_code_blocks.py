"""Code: no gutters and no buttons, its lines and its language, in `<pre>` and outside."""

from __future__ import annotations

import pytest

from indexlm import read_page
from indexlm.assemble import to_markdown

EVERY = range(1, 1000)
CODE = "if x:\n\n    go()"


def code(markup: str) -> list[str]:
    return [block.text for block in read_page(f"<body>{markup}</body>").blocks if block.tag == "pre"]


def table(gutter: str, cell: str) -> str:
    return f'<div class="highlight"><table><tr>{gutter}{cell}</tr></table></div>'


@pytest.mark.parametrize(
    "markup",
    [
        table('<td class="gutter"><pre>1<br>2<br>3<br></pre></td>', f'<td class="code"><pre>{CODE}</pre></td>'),
        table(
            '<td class="linenos"><div class="linenodiv"><pre>1\n2\n3</pre></div></td>', f"<td><pre>{CODE}</pre></td>"
        ),
        table("<td><pre class=lines>\n\n\n7\n8\n9</pre></td>", f"<td><pre class=code>{CODE}</pre></td>"),
        "<pre><code>"
        + table('<td class="rouge-gutter"><pre>1\n2\n3\n</pre></td>', f"<td><pre>{CODE}\n</pre></td>")
        + "</code></pre>",
        table(
            '<td class="lntd"><pre><span class="lnt">7\n</span><span class="lnt">8\n</span></pre></td>',
            f"<td><pre>{CODE}",
        ),
        '<table><tr><td class="blob-num" data-line-number="1"></td><td class="blob-code">if x:</td></tr>\n'
        '<tr><td data-line-number="2"></td><td>\n</td></tr>'
        '<tr><td data-line-number="3"></td><td>    <span>go</span>()</td></tr></table>',
        table(
            '<td class="gutter"><div class="line">1</div><div class="line">2</div><div class="line">3</div></td>',
            '<td class="code"><div class="line"><code>if</code> <code>x:</code></div><div class="line">\n</div>'
            '<div class="line"><code>&nbsp;&nbsp;&nbsp;&nbsp;</code><code>go()</code></div></td>',
        ),
        '<pre><span class="lineno">1</span> if x:\n<span class="lineno">2</span> \n'
        '<span class="lineno">3</span>     go()</pre>',
        '<pre><a id="L8">8</a> if x:\n<a id="L9">9</a>\n<a id="L10">10</a>     go()</pre>',
        '<pre><code><div class="ec-line"><div class="gutter"><div class="ln">1</div></div><div>if x:</div></div><div '
        'class="ec-line"><div class="gutter"><div class="ln">2</div></div><div>\n</div></div><div class="ec-line"><div '
        'class="gutter"><div class="ln">3</div></div><div>    go()</div></div></code></pre>',
        f'<div class="line-numbers">1<br>2<br>3</div><pre>{CODE}</pre>',
    ],
)
def test_line_numbers_are_no_code(markup: str) -> None:
    assert [text.replace(" \n", "\n") for text in code(markup)] == [CODE]


def test_numbers_that_are_code_or_data_stay() -> None:
    assert code("<pre><b>1</b>\n<b>2</b>\n<b>3</b></pre>") == ["1\n2\n3"]
    assert code("<pre>f(<b>1</b>)\nf(<b>2</b>)</pre>") == ["f(1)\nf(2)"]
    page = read_page('<table><tr><th>No<th>Name<tr><td class="num">1<td>Ann<tr><td class="num">2<td>Bo</table>')
    assert [block.text for block in page.blocks] == ["No | Name", "1 | Ann", "2 | Bo"]


@pytest.mark.parametrize(
    "markup",
    [
        "<pre><button>Copy</button><code>x = 1</code></pre>",
        '<pre><div class="toolbar"><span>js</span><button>Kopieren</button></div><code>x = 1</code></pre>',
        '<div><button aria-label="Copy code">⧉</button></div><pre>x = 1</pre>',
        '<div class="zeroclipboard"><span class="copy-btn">Copied!</span></div><pre>x = 1</pre>',
    ],
)
def test_buttons_that_copy_are_no_content(markup: str) -> None:
    assert read_page(f"<body>{markup}</body>").text == "x = 1"


@pytest.mark.parametrize(
    ("markup", "texts"),
    [
        ('<div class="snippet-clipboard"><pre>a</pre></div>' * 2, ["a", "a"]),
        ('<pre>npm i\nnpm start</pre><div class="copy">Open it.</div>', ["npm i\nnpm start", "Open it."]),
        ('<pre>x\ny</pre><p><a href=z class=c title="Copy of the licence">Licence</a></p>', ["x\ny", "Licence"]),
        ("<p>C</p><pre>int a;</pre>", ["C", "int a;"]),
    ],
)
def test_what_stands_beside_code_and_is_no_button_stays(markup: str, texts: list[str]) -> None:
    assert [block.text for block in read_page(f"<body>{markup}</body>").blocks] == texts


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="head"><span>Python</span><button>Copy code</button></div><pre>x = 1</pre>',
        '<div class="head"><span>Python</span><button><span>Copy it</span></button></div><pre>x = 1</pre>',
        '<div class="w"><div class="h"><div>Python</div></div><div class="b"><pre><code>x = 1</code></pre></div></div>',
    ],
)
def test_a_label_above_code_is_its_language(markup: str) -> None:
    (block,) = read_page(f"<body>{markup}</body>").blocks
    assert (block.text, block.inner) == ("x = 1", '<code class="language-python">x = 1</code>')


def test_the_code_of_doxygen_is_one_block_without_its_numbers() -> None:
    lines = ("int a;", "if (a) {", "  b();")
    numbered = (
        f'<div class="line"><span class="lineno">    {i}</span> {line}</div>' for i, line in enumerate(lines, 1)
    )
    assert code(f'<div class="fragment">{"".join(numbered)}</div>') == ["int a;\nif (a) {\n  b();"]
    page = read_page('<div class="fragment"><div class="line">One.</div><p>Two.</p></div>')
    assert [block.text for block in page.blocks] == ["One.", "Two."]


@pytest.mark.parametrize(
    "lines",
    [
        '<span style="display: block">if x:</span><span style="display:block"></span>'
        '<span style="display:block">    go()</span>',
        '<span class="line">if x:</span><span class="line"></span><span class="line">    go()</span>',
        '<span data-line="">if x:</span>\n<span data-line=""></span>\n<span data-line="">    go()</span>',
        '<span class="token-line">if x:<br></span><span class="token-line"><br></span>'
        '<span class="token-line">    go()</span>',
        "<div>if x:</div><div>\n</div><div>    go()</div>",
        '<ol class="linenums"><li>if x:</li>\n<li></li>\n<li>    go()</li></ol>',
    ],
)
def test_each_line_element_is_one_line(lines: str) -> None:
    assert code(f"<pre><code>{lines}</code></pre>") == [CODE]


def test_code_elements_side_by_side_are_lines() -> None:
    assert code("<pre><code>a</code><code>  b</code></pre>") == ["a\n  b"]


@pytest.mark.parametrize(
    "markup",
    [
        '<div style="white-space: pre"><code>a:\n  b</code></div>',
        '<div class="snippet" style="white-space:pre-wrap">a:\n  b</div>',
        '<div style="font-family: Menlo, monospace; white-space: pre">a:\n  b</div>',
        '<p><code style="white-space: pre">a:\n  b</code></p>',
        "<div><code>a:<br>&nbsp;&nbsp;b</code></div>",
        '<div><code class="language-yaml">a:\n  b</code></div>',
    ],
)
def test_code_outside_of_pre_keeps_its_lines(markup: str) -> None:
    assert code(f"<p>Write</p>{markup}<p>there.</p>") == ["a:\n  b"]


def test_prose_and_code_within_a_sentence_stay_prose() -> None:
    assert code('<p style="white-space: pre-wrap">One\n two</p><p>Type <code>a<br>b</code> now</p>') == []


@pytest.mark.parametrize(
    ("markup", "language"),
    [
        ('<pre><code class="language-objective-c">', "objective-c"),
        ('<div class="highlight-source-c++"><pre>', "c++"),
        ('<pre class="brush: csharp; gutter: true">', "csharp"),
        ('<pre lang="ruby"><code>', "ruby"),
        ('<pre lang="en">', ""),
        ('<pre><code class="hljs python">', "python"),
        ('<pre class="sourceCode haskell"><code class="sourceCode haskell">', "haskell"),
        ('<pre data-language="rust"><code>', "rust"),
        ('<div class="language-plaintext highlighter-rouge"><div class="highlight"><pre>', ""),
        ('<div class="language-f# highlighter-rouge"><div class="highlight"><pre>', "f#"),
        ('<figure class="highlight go"><table><tr><td class="code"><pre>', "go"),
        ('<div class="mw-highlight mw-highlight-lang-lua"><pre>', "lua"),
        ('<pre class="src src-elisp">', "elisp"),
        ('<div class="lang-de"><pre>', ""),
        ('<pre class="highlight"><code>', ""),
        ('<pre class="code-java">', "java"),
        ('<pre class="code-block">', ""),
        (
            '<div class="language-python highlight"><table class="highlighttable"><tr><td class="linenos"><div>'
            '<pre>1</pre></div></td><td class="code"><div><pre><span></span><code>',
            "python",
        ),
    ],
)
def test_the_language_is_read_wherever_it_is_written(markup: str, language: str) -> None:
    markdown = to_markdown(read_page(f"<body>{markup}x = 1"), EVERY)
    assert markdown == f"```{language}\nx = 1\n```"


@pytest.mark.parametrize(
    "row",
    [
        "<tr><td class='blob-num'></td><td class='blob-num'>{n}</td><td class='blob-code {long}'>"
        "<span class=blob-code-inner data-code-marker='{sign}'>{code}</span></td></tr>",
        "<tr class='line_holder {short}'><td class='old_line'>{n}</td><td class='new_line'></td>"
        "<td class='line_content {short}'><span class=line>{code}</span></td></tr>",
    ],
)
def test_changed_lines_begin_with_their_signs(row: str) -> None:
    lines = [("", "", " ", "  t = now()"), ("deletion", "old", "-", "  return t"), ("addition", "new", "+", "  go(t)")]
    rows = "\n".join(
        row.format(n=i, long=f"blob-code-{name}", short=short, sign=sign, code=code)
        for i, (name, short, sign, code) in enumerate(lines)
    )
    assert code(f"<table class=diff-table>{rows}</table>") == ["   t = now()\n-  return t\n+  go(t)"]
    pair = "<td class=n>{0}</td><td class='line_content {1}'>{2}</td>"
    sides = [
        (1, "", "t = now()", 1, "", "t = now()"),
        (2, "old", "return t", 2, "new", "go(t)"),
        ("", "", "", 3, "new", "end"),
    ]
    split = "".join(f"<tr>{pair.format(*side[:3])}{pair.format(*side[3:])}</tr>" for side in sides)
    assert code(f"<table class=diff-table>{split}</table>") == [" t = now()\n-return t\n+go(t)\n+end"]
    both = "<tr><td class='line_content old'>a</td><td class='line_content new'>b</td></tr>"
    assert code(f"<table class=diff-table>{both * 2}</table>") == []


@pytest.mark.parametrize(
    "tabs",
    [
        "<div><ul role=tablist><li role=tab>pip<li role=tab>conda</ul><div><div role=tabpanel>{}</div>"
        "<div role=tabpanel hidden>{}</div></div></div>",
        "<div><input type=radio><input type=radio><div class=tabbed-labels><label>pip</label><label>conda</label></div>"
        "<div class=tabbed-content><div class=tabbed-block>{}</div><div class=tabbed-block>{}</div></div></div>",
        "<div><div class=tabs><input type=radio><label>pip</label><input type=radio><label>conda</label></div>"
        "<div class=blocks><div>{}</div><div>{}</div></div></div>",
        "<div><div class=CodeTabs-toolbar><button>pip</button><button>conda</button></div><div>{}{}</div></div>",
        "<div><ul class=tabs><li><a href=#a>pip</a></li><li><a href=#b>conda</a></li></ul><div id=a>{}</div>"
        "<div id=b>{}</div></div>",
        "<div><div><div role=tablist><button role=tab>pip</button><button role=tab>conda</button></div></div>"
        "<div role=tabpanel>{}</div><div role=tabpanel>{}</div></div>",
    ],
)
def test_the_name_of_a_tab_stands_before_its_code(tabs: str) -> None:
    page = read_page(f"<body><p>a</p>{tabs.format('<pre>x</pre>', '<pre>y</pre>')}<p>b</p></body>")
    assert [block.text for block in page.blocks] == ["a", "pip", "x", "conda", "y", "b"]
    prose = read_page(f"<body><p>a</p>{tabs.format('<p>x</p>', '<p>y</p>')}<p>b</p></body>")
    assert [block.text for block in prose.blocks][-3:] == ["x", "y", "b"]


def test_fields_whose_text_is_to_be_copied_are_shown() -> None:
    page = read_page(
        "<p>Paste this:</p><textarea readonly>&lt;b&gt;Tide&lt;/b&gt;\n&lt;i&gt;</textarea>"
        "<textarea onclick='this.select()'><i>Bay</i></textarea><textarea readonly>Pier 4\nNorthhaven</textarea>"
        "<textarea>Your comment</textarea><textarea disabled>Dear Sir</textarea>"
    )
    shown = [(block.tag, block.text) for block in page.blocks[1:]]
    assert shown == [("pre", "<b>Tide</b>\n<i>"), ("pre", "<i>Bay</i>"), ("div", "Pier 4\nNorthhaven")]
