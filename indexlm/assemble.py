"""Kept blocks to documents: HTML, Markdown, text and JSON (`indexlm.output`)."""

from indexlm.output.html import to_html
from indexlm.output.markdown import to_markdown
from indexlm.output.text import to_json, to_text

__all__ = ["to_html", "to_json", "to_markdown", "to_text"]
