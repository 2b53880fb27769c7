"""The language of a piece of code, from where the highlighters of the web write it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from indexlm.text import word_set

_ATTRIBUTES = ("data-lang", "data-language", "data-code-language", "data-code-lang", "data-enlighter-language")
_PARAMETERS = ("class", "data-syntaxhighlighter-params")
_PREFIXED = re.compile(
    r"(?:^|\s)(?:(?:highlight-source|highlight-text|mw-highlight-lang|language|lang|highlight|src|brush)[-:_]"
    r"|brush:\s+)(?P<name>[^\s;]+)",
    re.IGNORECASE,
)
_NAME = re.compile(r"\w[\w+#.-]{0,29}")
_HOLDERS = word_set(
    "hljs sourcecode highlight prettyprint shiki codehilite chroma src code programlisting syntaxhighlighter "
    "code-block codeblock listing literal-block snippet"
)
"""Classes beside which a bare word names the language."""
_NO_LANGUAGE = word_set(
    "default none text txt plain plaintext plain-text nohighlight no-highlight auto undefined unknown null raw "
    "code block container wrapper box lines line numbers table body content toolbar theme switcher selector menu "
    "source"
)
_LANGUAGES = word_set(
    "abap actionscript ada apache applescript arduino asm assembly awk bash basic bat batch c c# c++ cc clojure "
    "cmake cobol coffeescript cpp cs csharp csv css cuda cxx d dart delphi diff docker dockerfile elixir elm "
    "erlang f# fish fortran fsharp gherkin git go golang gradle graphql groovy handlebars haskell haxe hcl hs "
    "html http ini ipython java javascript jinja js json json5 jsonc jsx julia kotlin kt latex less lisp lua make "
    "makefile markdown mathematica matlab md mdx mermaid mysql nasm nginx nim nix objc objective-c objectivec "
    "ocaml octave pascal patch perl pgsql php plpgsql postgresql powershell prolog properties protobuf ps1 "
    "pseudocode puppet py pycon python python2 python3 qml r racket rb reg rest rs rst ruby rust sas sass scala "
    "scheme scss sh shell shell-session solidity sparql sql stata svelte swift systemverilog tcl terraform tex "
    "text-html-basic toml ts tsx typescript vb vba vbnet verilog vhdl vim vue wasm xhtml xml xquery xslt yaml yml "
    "zig zsh"
)
_MOST_CHARS = 1000  # of class names
_MOST_AROUND = 7  # elements around a code: a cell, its row and table, and what wraps them
_INNER = ("code", "pre", "listing", "xmp")
_WRAPPERS = (*_INNER, "div", "figure", "span", "td", "tr", "tbody", "table", "samp")


def code_language(elements: Iterable[Any]) -> str:
    """A code's element and those around it, innermost first -> the language's name, or an empty text."""
    for element in _holders(elements):
        if name := _language(element):
            return name
    return ""


def _holders(elements: Iterable[Any]) -> Iterator[Any]:
    """The elements that may name the language: the first `<code>` in it, the code itself, and what wraps it."""
    for i, element in enumerate(elements):
        if i > _MOST_AROUND or (i and element.tag not in _WRAPPERS and "-" not in element.tag):
            return
        if not i and (code := next(element.iter("code"), None)) is not None:
            yield code
        yield element


def _language(element: Any) -> str:
    get = element.get
    for name in filter(None, map(get, _ATTRIBUTES)):
        if _is_name(name.strip()):
            return str(name.strip())
    for names in filter(None, map(get, _PARAMETERS)):
        names = names[:_MOST_CHARS]
        for match in _PREFIXED.finditer(names):
            name = match.group("name")
            if _is_name(name) and (element.tag in _INNER or len(name) != 2 or name.lower() in _LANGUAGES):
                return str(name)
        words = names.split()
        if "mermaid" in words:
            return "mermaid"
        if "hl-ipython3" in words:
            return "python"
        if any(word.lower() in _HOLDERS for word in words):
            for word in words:
                if word.lower() in _LANGUAGES:
                    return str(word)
        if element.tag in _INNER and "code-" in names:  # of Jira
            for word in words:
                if word[:5] == "code-" and word[5:].lower() in _LANGUAGES:
                    return str(word[5:])
    name = (get("lang") or get("language") or "").strip()  # most often that of a person
    return name if name.lower() in _LANGUAGES else ""


def is_language(text: str) -> bool:
    """Whether a text is the name of a language, as a label above code shows it."""
    return text.strip().lower() in _LANGUAGES


def _is_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and name.lower() not in _NO_LANGUAGE
