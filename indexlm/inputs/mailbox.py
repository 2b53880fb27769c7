"""A mailbox (mbox): mails one behind the other, as exports of mail and the archives of mailing lists are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, pairwise

from indexlm.inputs.document import Document, Warn, as_html
from indexlm.inputs.mail import read_mail
from indexlm.inputs.xml import fragment
from indexlm.page import IndexLMError

_START = re.compile(
    rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From [^\r\n]*\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b[^\r\n]*\d:\d\d[^\r\n]*\r?\n"
    rb"(?=[A-Za-z][A-Za-z0-9-]*:)"
)
_QUOTED_START = re.compile(rb"^>(?=>*From )", re.MULTILINE)  # as mailboxes write a line that would begin a mail
_MOST_MAILS = 1000


def split_mailbox(data: bytes) -> list[bytes]:
    """Bytes -> the mails of a mailbox; fewer than two for anything else."""
    if not data.startswith(b"From "):
        return []
    starts = [match.start() for match in islice(_START.finditer(data), _MOST_MAILS + 1)]
    return [_QUOTED_START.sub(b"", data[start:end]) for start, end in pairwise([*starts, len(data)])]


def read_mailbox(mails: Sequence[bytes], name: str) -> Document:
    """Mails -> a page that shows one below the other. A mail without a text is left out, with a warning."""
    articles, warnings = [], []
    failed = ""
    whole = True
    for number, mail in enumerate(mails[:_MOST_MAILS], 1):
        try:
            document = read_mail(mail, f"mail {number} of {name}")
        except IndexLMError as error:
            failed = failed or str(error)
            continue
        articles.append(f"<article>{fragment(document.html)}</article>")
        whole = whole and document.whole
    if failed:
        left_out = min(len(mails), _MOST_MAILS) - len(articles)
        warnings.append(
            Warn.SKIPPED_FILES.because(f"{left_out} of {len(mails)} mails are left out; the first: {failed}")
        )
    if len(mails) > _MOST_MAILS:
        warnings.append(Warn.LIMIT.because(f"a mailbox is read to its mail {_MOST_MAILS}; what follows is left out"))
    return Document(as_html("\n".join(articles)), whole=whole, warnings=tuple(warnings))
