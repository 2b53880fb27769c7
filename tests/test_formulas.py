"""Formulas, powers and indices: their meaning survives in text, Markdown and HTML."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from indexlm import read_page
from indexlm.assemble import to_html, to_markdown, to_text

EVERY = range(1, 1000)
RENDERER = MarkdownIt("commonmark").enable("table")
KATEX = (
    '<span class="katex"><span class="katex-mathml"><math><semantics><mrow><mi>a</mi><mo>=</mo><msup><mi>b</mi>'
    '<mn>3</mn></msup></mrow><annotation encoding="application/x-tex">a = b^3</annotation></semantics></math></span>'
    '<span class="katex-html" aria-hidden="true"><span>a</span><span>=</span><span>b</span><span>3</span></span></span>'
)


def texts(markup: str) -> list[str]:
    return [block.text for block in read_page(f"<body>{markup}</body>").blocks]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (KATEX, "$a = b^3$"),
        (f'<span class="katex-display">{KATEX}</span>', "$$a = b^3$$"),
        (
            '<span class="MathJax_Preview">a</span><span class="MathJax"><nobr aria-hidden="true">a2</nobr><span '
            'class="MJX_Assistive_MathML"><math><msup><mi>a</mi><mn>2</mn></msup></math></span></span>'
            '<script type="math/tex">a^2</script>',
            "$a^2$",
        ),
        ('<script type="math/tex; mode=display">\\int_0^1\n x % area\n dx</script>', r"$$\int_0^1 x dx$$"),
        (
            '<mjx-container jax="CHTML" display="true"><mjx-math>x</mjx-math><mjx-assistive-mml><math><msqrt><mi>x</mi>'
            "</msqrt></math></mjx-assistive-mml></mjx-container>",
            r"$$\sqrt{x}$$",
        ),
        ('<mjx-container><mjx-math data-latex="k_1"><mjx-mi>k</mjx-mi></mjx-math></mjx-container>', "$k_1$"),
        ('<math alttext="\\displaystyle r^2"><msup><mi>r</mi><mn>2</mn></msup></math>', "$r^2$"),
        ("<math><mfrac><mn>1</mn><mi>n</mi></mfrac></math>", r"$\frac{1}{n}$"),
        ("<math><mi>cos</mi><mo>&#8289;</mo><mo>(</mo><mi>t</mi><mo>)</mo></math>", r"$\cos  ( t )$"),
        (
            "<math display=block><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr></mtable></math>",
            r"$$\begin{matrix}1 & 2\end{matrix}$$",
        ),
        (
            '<span class="mwe-math-element"><span style="display:none"><math><semantics><mi>s</mi><annotation '
            'encoding="application/x-tex">{\\displaystyle s=vt}</annotation></semantics></math></span>'
            '<img class="mwe-math-fallback-image-inline" src="s.svg" alt="{\\displaystyle s=vt}"></span>',
            "$s=vt$",
        ),
        ('<img class="latex" src="l.png" alt="\\frac{p}{q}">', r"$\frac{p}{q}$"),
        ('<img class="formula inline" src="f.svg" alt="h = a\\cos(t)">', r"$h = a\cos(t)$"),
        ('<span class="math notranslate">\\(u \\le v\\)</span>', r"$u \le v$"),
        ('<span class="ztext-math" data-tex="w^4">w4</span>', "$w^4$"),
        ('<span class="hidden-math">$\\begingroup$</span>', ""),
    ],
)
def test_each_formula_is_there_once_as_tex(markup: str, text: str) -> None:
    (block,) = texts(f"<p>So {markup} holds.</p>")
    assert " ".join(block.split()) == " ".join(f"So {text} holds.".split())


def test_an_article_of_a_renderers_name_is_not_taken_for_a_formula() -> None:
    page = "<div class='mathjax'><p>Let <math><mi>x</mi></math> be a long way off.</p><p>More.</p></div>"
    assert texts(page) == ["Let $x$ be a long way off.", "More."]


def test_a_page_of_broken_mathml_keeps_its_text() -> None:
    assert texts("<p>a <math><mfrac><mi>only</mi></mfrac></math></p>") == ["a $only$"]
    assert texts("<p>a <math></math> b</p>") == ["a b"]


def test_html_keeps_formulas_as_renderers_read_them() -> None:
    page = read_page(f"<p>{KATEX}</p><p>x<sup>2</sup></p>")
    assert to_html(page, EVERY) == '<p><span class="math inline">\\(a = b^3\\)</span></p>\n<p>x<sup>2</sup></p>'


@pytest.mark.parametrize(
    "tex", ["a_{1} * b_{2} * c", "{x}_{1} + {y}_{2} + {z}_3", "a<b>c", "[p](q)", r"\sum_{i}^{n} i"]
)
def test_tex_is_no_markup_in_markdown(tex: str) -> None:
    html = tex.replace("<", "&lt;")
    page = read_page(f'<p>Now <script type="math/tex">{tex}</script> and <span class="math">\\({html}\\)</span>.</p>')
    markdown = to_markdown(page, EVERY)
    assert markdown.replace(" ", "") == f"Now${tex}$and${tex}$.".replace(" ", "")
    shown = RENDERER.render(markdown)
    assert "<em>" not in shown
    assert "<a " not in shown
    assert "<b>" not in shown


def test_a_bar_in_a_formula_does_not_end_a_cell() -> None:
    cell = '<span class="math">\\(|x| = \\|y\\|\\)</span>'
    page = read_page(f"<table><tr><th>a<th>b</tr><tr><td>{cell}<td>2</tr></table>")
    assert to_markdown(page, EVERY).splitlines()[-1] == r"| $\vert x\vert  = \Vert y\Vert$ | 2 |"


def test_prices_are_no_formulas() -> None:
    page = read_page("<p>From $5 to $6, or <i>$7</i>.</p>")
    assert to_text(page, EVERY) == "From $5 to $6, or $7."
    assert to_markdown(page, EVERY) == "From $5 to $6, or *$7*."


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("100<sup>2</sup>", "100²"),
        ("10<sup>-8</sup>", "10⁻⁸"),
        ("H<sub>2</sub>O", "H₂O"),
        ("Ca<sup>2+</sup>", "Ca²⁺"),
        ("y<sup><i>n</i></sup>", "y^n"),
        ("2<sup>k+1</sup>", "2^(k+1)"),
        ("V<sub>max</sub>", "V_max"),
        ("x<sub>i</sub><sup>2</sup>", "x_i²"),
        ("1<sup>st</sup>, 22<sup>nd</sup>, n<sup>th</sup>", "1st, 22nd, nth"),
        ("XIX<sup>e</sup>, M<sup>me</sup>, n<sup>o</sup>", "XIXe, Mme, no"),
        ("Brand<sup>TM</sup>, Brand<sup>®</sup>", "Brand™, Brand®"),
        ("Reed<sup>a,b</sup>", "Reed^(a,b)"),
        ("end.<sup>[4]</sup>", "end.[4]"),
        ('end.<sup><a href="#n4">4</a></sup>', "end.[4]"),
        ('end.<a href="#n4"><sup>4</sup></a>', "end.[4]"),
        ('end.<sup class="footnote-ref">*</sup>', "end.[*]"),
        ("Out<sub>Max</sub>=3, log<sub>Base</sub>", "Out_Max=3, log_Base"),
        ("Registry<sup>New</sup> and log<sub>the sand</sub>", "Registry New and log the sand"),
        ("word <sub>in small print, and much of it</sub>", "word in small print, and much of it"),
    ],
)
def test_raised_and_lowered_text_does_not_join_its_base(markup: str, text: str) -> None:
    page = read_page(f"<p>{markup}</p>")
    assert to_text(page, EVERY) == text
    shown = RENDERER.render(to_markdown(page, EVERY))
    assert "".join(read_page(shown).text.split()) == "".join(text.split())


def test_code_keeps_raised_text_as_it_is() -> None:
    assert texts("<pre>a<sup>2</sup></pre>") == ["a2"]


def test_what_nobody_sees_is_gone_and_joiners_stay_where_a_script_needs_them() -> None:
    assert texts("<p>won&shy;der&#8203;ful \ufeffday\u2060s o&zwnj;k</p><p>&#8203;</p>") == ["wonderful days ok"]
    assert texts("<p>می‌خواهم क्‍ष 👩‍🚀</p>") == ["می‌خواهم क्‍ष 👩‍🚀"]


VLIST = '<span class="vlist-t"><span class="vlist-r"><span class="vlist">{}</span></span></span>'


def row(top: float, text: str) -> str:
    return f'<span style="top:{top}em;"><span class="pstrut"></span><span class="mord">{text}</span></span>'


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            '<span class="katex"><span class="katex-html"><span class="base"><span class="mord">v'
            f'<span class="msupsub">{VLIST.format(row(-2.55, "0") + row(-3.06, "2"))}</span></span>'
            "</span></span></span>",
            "$v_{0}^{2}$",
        ),
        (
            '<span class="katex"><span class="katex-html"><span class="mord"><span class="mfrac">'
            f"{VLIST.format(row(-2.31, 'b') + row(-3.68, 'a'))}</span></span></span></span>",
            r"$\frac{a}{b}$",
        ),
        (
            '<mjx-container class="MathJax" jax="CHTML"><mjx-math><mjx-msup><mjx-mi><mjx-c class="mjx-c1D465"></mjx-c>'
            '</mjx-mi><mjx-script><mjx-mn><mjx-c class="mjx-c32"></mjx-c></mjx-mn></mjx-script></mjx-msup></mjx-math>'
            "</mjx-container>",
            "$x^{2}$",
        ),
        ("<code class='math' data-math-style=inline>q^2</code>", "$q^2$"),
        (
            "$$\\begin{aligned} x &amp;= y \\\\ z &amp;= w \\end{aligned}$$",
            r"$$\begin{aligned} x &= y \\ z &= w \end{aligned}$$",
        ),
    ],
)
def test_formulas_of_which_the_page_has_the_glyphs_or_the_source_alone(html: str, text: str) -> None:
    assert read_page(f"<p>So {html} grows.</p>").text == f"So {text} grows."


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        (r"an integral \(\int_0^1 x^2\,dx\) of", r"an integral $\int_0^1 x^2\,dx$ of"),
        (r"that \[a \ne 0\] holds", r"that $$a \ne 0$$ holds"),
        (r"so $$x^2\,dx$$ is", r"so $$x^2\,dx$$ is"),
        (r"a group \(foo\) or \\(y_1\\)", r"a group \\(foo\\) or \\\\(y_1\\\\)"),
        (r"in <code>\(x^2\)</code>", r"in `\(x^2\)`"),
    ],
)
def test_tex_that_a_script_renders_is_no_text_to_escape(text: str, markdown: str) -> None:
    assert to_markdown(read_page(f"<p>It is {text}</p>"), [1]) == f"It is {markdown}"
