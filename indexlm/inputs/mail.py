"""Mail (`.eml`) and what browsers save as one file: MHTML and Safari's web archives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from html import escape
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from indexlm.addresses import host_of
from indexlm.html.decode import decode
from indexlm.html.parse import find_body, parse
from indexlm.inputs.calendar import invitation
from indexlm.inputs.document import Document, Warn, as_html
from indexlm.inputs.text import text_to_html
from indexlm.page import IndexLMError
from indexlm.patterns import late

if TYPE_CHECKING:
    from email.message import EmailMessage

_HEADER = rb"[A-Za-z][A-Za-z0-9-]*:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*"
_HEADERS = late(rb"(?:\xef\xbb\xbf)?\s*(?:From [^\r\n]*\r?\n)?((?:" + _HEADER + rb"){2,200})\r?\n")
_OF_MAIL = late(
    rb"^(?:MIME-Version|Received|Message-ID|Content-Type: (?:multipart|message)/|From: [^\r\n]*@[^\r\n]*\r?$)",
    re.IGNORECASE | re.MULTILINE,
)
_OF_BULK = ("List-Unsubscribe", "List-Id", "List-Post", "Precedence", "Feedback-ID", "X-Campaign-Id")
_LEAVE = late(
    r"unsubscri|view (?:it |this e?-?mail )?in (?:your |a )?browser|abbestell|abmelden|d[ée]sinscri|d[ée]sabonn"
    r"|darse de baja|disiscri|cancellati|afmelden|cancelar (?:a )?inscri|wypisz|odhl[áa]sit|отписаться|退订|配信停止",
    re.IGNORECASE,
)
_SHOWN = ("From", "To", "Date")
_FRAME = late(r"<iframe\b[^>]{0,2000}?\bsrc=[\"']?cid:([^\"'\s>]+)[^>]{0,2000}>(?:\s*</iframe>)?", re.IGNORECASE)
_BODY = late(r"<body\b[^>]{0,2000}>(.*?)(?:</body>|\Z)", re.IGNORECASE | re.DOTALL)
_QUOTE = late(r"(?:>[ ]?)+")
_IN_ORDER = ("multipart/mixed", "multipart/signed")
_MOST_PARTS = 1000
_MOST_FORWARDED = 20  # mails in a mail
_MOST_QUOTES = 8  # quotations in one another


def is_mail(data: bytes) -> bool:
    """Whether bytes start with the headers of a mail or an MHTML page."""
    match = _HEADERS.match(data[: 1 << 16])
    return match is not None and _OF_MAIL.search(match[1]) is not None


def read_mail(data: bytes, name: str) -> Document:
    """Mail or MHTML -> its page: the HTML part before the plain text, with subject, sender and date where it has any.

    Raises `IndexLMError` where neither part is there.
    """
    from email import message_from_bytes
    from email.message import EmailMessage
    from email.policy import default

    match = _HEADERS.match(data[: 1 << 16])
    start = match.start(1) if match else 0
    message = message_from_bytes(data[start:], policy=default)
    assert isinstance(message, EmailMessage)
    warnings: list[str] = []
    boundary = message.get_boundary()
    if boundary and f"--{boundary}--".encode("utf-8", "replace") not in data:
        warnings.append(Warn.TRUNCATED_INPUT.because("the last part's closing boundary is missing"))
    bodies = _bodies(message)
    subject = _header(message, "Subject")
    if not bodies and (invited := _invitations(message, "")):
        return Document(as_html(_head(message, subject) + invited, subject), whole=True, warnings=tuple(warnings))
    if not bodies:
        raise IndexLMError(f"a mail or MHTML file holds an HTML or a text part; {name} has none")
    part, *further = bodies
    text = _decoded(part)
    is_html = part.get_content_type() != "text/plain"
    address = _header(part, "Content-Location") or _header(message, "Snapshot-Content-Location")
    if is_html and "cid:" in text:
        text = _with_frames(text, message, address)
    if _header(message, "Snapshot-Content-Location") or (is_html and address):
        return Document(text, url=_header(message, "Snapshot-Content-Location") or address, warnings=tuple(warnings))
    forwarded = "".join((*(f"<div>{_content_of(other)}</div>" for other in further), *_forwarded(message)))
    forwarded = _invitations(message, f"{_senders(message)}{text}{forwarded}") + forwarded
    whole = not (is_html and _is_bulk(message, text))
    if is_html:
        html = _with_headers(message, subject, text)
        end = html.lower().rfind("</body")
        end = len(html) if end < 0 else end
        html = html[:end] + forwarded + html[end:]
    else:
        html = as_html(
            _head(message, subject) + _quoted(text, part.get_param("format") == "flowed") + forwarded, subject
        )
    return Document(html, whole=whole, warnings=tuple(warnings))


def _is_bulk(message: EmailMessage, html: str) -> bool:
    """Whether a mail was sent to many, so that it has boilerplate: a letter has none."""
    return any(_header(message, name) for name in _OF_BULK) or _LEAVE.search(html) is not None


def _body(message: Any) -> Any:
    """The part that is shown: for MHTML the first HTML part (its `start`), for mail its HTML or text."""
    parts = _own_parts(message) or [*islice(message.walk(), _MOST_PARTS)]  # or nothing but a mail that was forwarded
    shown = [part for part in parts if not part.is_multipart() and part.get_content_disposition() != "attachment"]
    root = message.get_param("start")
    address = _header(message, "Snapshot-Content-Location")
    kinds = (("text/html", "application/xhtml+xml"), ("text/plain",))
    by_kind = [[part for part in shown if part.get_content_type() in kind and _payload(part).strip()] for kind in kinds]
    for part in chain(*by_kind):
        if (root and _header(part, "Content-ID") == root) or (address and part["Content-Location"] == address):
            return part
    pages, texts = by_kind
    seen = [part for part in pages if not texts or _shows_text(part)]  # an HTML part may be empty
    return next(chain(seen, texts, pages), None)


def _shows_text(part: Any) -> bool:
    """Whether an HTML part has text in its body."""
    root = parse(_decoded(part))
    elements = () if root is None else find_body(root).iter()
    return any(
        (element.tag not in ("script", "style") and (element.text or "").strip()) or (element.tail or "").strip()
        for element in elements
    )


def _bodies(message: EmailMessage) -> list[Any]:
    """The parts of a mail that are shown, one behind the other: several where attachments stand between them."""
    parts = islice(_in_order(message), _MOST_PARTS)
    own = [part for part in parts if part.get_content_type() != "message/rfc822"]
    bodies = [body for body in map(_body, own) if body is not None]
    return bodies or [body for body in (_body(message),) if body is not None]


def _in_order(message: Any) -> Iterator[Any]:
    """The parts of a mail that are shown one behind the other; parts that are alternatives of one another as one."""
    if message.get_content_type() in _IN_ORDER:
        for part in message.iter_parts():
            yield from _in_order(part)
    else:
        yield message


def _content_of(body: Any) -> str:
    """A text part -> what stands in the `<body>` of its HTML."""
    text = _decoded(body)
    if body.get_content_type() == "text/plain":
        return _quoted(text, body.get_param("format") == "flowed")
    match = _BODY.search(text)
    return match.group(1) if match else text


def _own_parts(message: Any) -> list[Any]:
    """The parts of a mail, but for those of mails in it; none where none of them is text."""
    parts = [*islice(_walk(message), _MOST_PARTS)]
    has_text = any(part.get_content_maintype() == "text" and _payload(part).strip() for part in parts)
    return parts if has_text else []


def _walk(message: Any) -> Iterator[Any]:
    yield message
    if message.is_multipart() and message.get_content_type() != "message/rfc822":
        for part in message.iter_parts():
            yield from _walk(part)


def _invitations(message: EmailMessage, shown: str) -> str:
    """What the calendars in a mail say beside the text that it shows."""
    parts = (part for part in _own_parts(message) if part.get_content_type() == "text/calendar")
    calendars = (_decoded(part) for part in parts if part.get_content_disposition() != "attachment")
    return "".join(invitation(calendar, shown, _header(message, "Subject")) for calendar in calendars)


def _forwarded(message: EmailMessage) -> Iterator[str]:
    """The mails beside a mail's own text, which are shown below it."""
    forwarded = [part for part in _own_parts(message) if part.get_content_type() == "message/rfc822"]
    for part in forwarded[:_MOST_FORWARDED]:
        inner = next(iter(part.iter_parts()), None)
        body = None if inner is None else _body(inner)
        if inner is None or body is None:
            continue
        heading = _header(inner, "Subject")
        yield (f"<h2>{escape(heading)}</h2>" if heading else "") + _senders(inner) + f"<div>{_content_of(body)}</div>"


def _quoted(text: str, is_flowed: bool) -> str:
    """The text of a mail as HTML: what it quotes (`> `) is a quotation; flowed lines (RFC 3676) are joined."""
    out: list[str] = []
    for depth, lines in groupby(_lines(text, is_flowed), key=lambda line: line[0]):
        html = text_to_html("\n".join(line for _, line in lines))
        depth = min(depth, _MOST_QUOTES)
        out.append("<blockquote>" * depth + html + "</blockquote>" * depth)
    return "".join(out)


def _lines(text: str, is_flowed: bool) -> list[tuple[int, str]]:
    """The text of a mail -> its lines, each after how many `>` it stands."""
    lines: list[tuple[int, str]] = []
    goes_on = False
    for line in text.splitlines():
        marks = _QUOTE.match(line)
        depth, line = (marks.group().count(">"), line[marks.end() :]) if marks else (0, line)
        line = line.removeprefix(" ") if is_flowed and not depth else line
        if goes_on and lines[-1][0] == depth:
            lines[-1] = depth, lines[-1][1] + line
        else:
            lines.append((depth, line))
        goes_on = is_flowed and line.endswith(" ") and line != "-- "
    return lines


def _with_frames(html: str, message: EmailMessage, address: str) -> str:
    """A saved page with the content of its frames, which are parts of their own; frames of other sites stay out."""
    frames: dict[str, str] = {}
    for part in islice(message.walk(), _MOST_PARTS):
        name, location = _header(part, "Content-ID").strip("<>"), _header(part, "Content-Location")
        if name and part.get_content_type() == "text/html" and host_of(location) in ("", host_of(address)):
            body = _BODY.search(_decoded(part))
            frames[name] = body.group(1) if body else ""

    def show(match: re.Match[str]) -> str:
        content = frames.pop(match.group(1), "")
        return f"<div>{content}</div>" if content else match.group()

    return _FRAME.sub(show, html)


def _payload(part: Any) -> bytes:
    return part.get_payload(decode=True) or b""


def _decoded(part: Any) -> str:
    charset = part.get_content_charset() or ""
    return decode(_payload(part), f"text/html; charset={charset}" if charset else "")


def _header(part: Any, name: str) -> str:
    try:
        value = part[name]
    except (ValueError, IndexError, AttributeError, TypeError):  # headers that the standard library cannot parse
        return ""
    return " ".join(str(value or "").encode("utf-8", "replace").decode().split())


def _head(message: EmailMessage, subject: str) -> str:
    return _metadata(message) + (f"<h1>{escape(subject)}</h1>" if subject else "") + _senders(message)


def _metadata(message: EmailMessage) -> str:
    """A mail's sender and date as a page states its author and date."""
    from email.utils import parseaddr, parsedate_to_datetime

    name, address = parseaddr(_header(message, "From"))
    values = {"author": name or address}
    with suppress(ValueError, TypeError, IndexError):
        values["date"] = parsedate_to_datetime(_header(message, "Date")).isoformat()
    return "".join(f'<meta name="{key}" content="{escape(value)}">' for key, value in values.items() if value)


def _senders(message: Any) -> str:
    lines = [f"{name}: {value}" for name in _SHOWN if (value := _header(message, name))]
    return f"<p>{'<br>'.join(map(escape, lines))}</p>" if lines else ""


def _with_headers(message: EmailMessage, subject: str, html: str) -> str:
    """A mail's HTML with its subject, sender and date above its content."""
    head = _head(message, subject)
    match = re.search(r"<body\b[^>]*>", html, re.IGNORECASE)
    if match is None:
        return as_html(head + html, subject)
    return f"<title>{escape(subject)}</title>{html[: match.end()]}{head}{html[match.end() :]}"


def read_webarchive(data: bytes, name: str) -> Document:
    """A Safari web archive (a binary property list) -> its main page. Raises `IndexLMError` where it holds none."""
    import plistlib

    try:
        main = plistlib.loads(data)["WebMainResource"]
        content, charset = bytes(main["WebResourceData"]), str(main.get("WebResourceTextEncodingName") or "")
        url = str(main.get("WebResourceURL") or "")
    except Exception:  # of a property list that anyone may have written
        raise IndexLMError(f"a property list is a Safari web archive; {name} is none") from None
    return Document(decode(content, f"text/html; charset={charset}" if charset else ""), url=unquote(url))
