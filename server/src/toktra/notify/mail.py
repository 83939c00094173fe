"""A letter as an e-mail: text and HTML that say the same, and headers for programs that read mail."""

from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit

from toktra.kit.settings import Settings
from toktra.notify.service.mails import Letter

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"></head>
<body style="font: 15px/1.5 system-ui, sans-serif; max-width: 36em; margin: 2em auto; padding: 0 1em">
{body}
<p style="font-size: 13px; opacity: .7">{why}</p>
</body></html>
"""


class NotAnAddress(Exception):
    """No mail can be addressed to this."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it goes out."""

    name: str
    sender: str
    recipient: str
    content: bytes


def compose(letter: Letter, settings: Settings, *, now: datetime) -> Mail:
    """The mail. Its id is the same however often it is composed (M2)."""
    host = urlsplit(settings.public_url).hostname or "localhost"
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    sender = settings.mail_from or f"toktra@{host}"
    mail["From"] = Address("Toktra", addr_spec=sender)
    mail["To"] = _address(letter)
    mail["Subject"] = letter.title
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{letter.name}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_text(letter))
    mail.add_alternative(_html(letter), subtype="html")
    return Mail(letter.name, sender, letter.user.email, _unsubscribing(letter) + mail.as_bytes())


def _unsubscribing(letter: Letter) -> bytes:
    """Headers as they are: the library would fold them, and programs look for an address."""
    if letter.off is None:
        return b""
    one_click = "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    return f"List-Unsubscribe: <{letter.off}>\r\n{one_click}\r\n".encode()


def _address(letter: Letter) -> Address:
    if not letter.user.email.isascii():
        raise NotAnAddress("not in ASCII")
    try:
        return Address(addr_spec=letter.user.email)
    except (ValueError, IndexError, AttributeError, HeaderParseError) as wrong:
        raise NotAnAddress("not an address") from wrong


def _text(letter: Letter) -> str:
    facts = (f"{name}: {value}" for name, value in letter.facts)
    lines = [letter.title, "", *facts, "", f"See it: {letter.see}", "-- ", letter.why]
    if letter.off is not None:
        lines.append(f"Send me no more of these: {letter.off}")
    return "\n".join([*lines, ""])


def _html(letter: Letter) -> str:
    cell = 'style="padding: 2px 24px 2px 0; vertical-align: top; font-variant-numeric: tabular-nums"'
    rows = "".join(
        f"<tr><td {cell}>{escape(name)}</td><td {cell}>{escape(value)}</td></tr>"
        for name, value in letter.facts
    )
    body = (
        f'<h1 style="font-size: 19px">{escape(letter.title)}</h1>'
        f'<table style="border-spacing: 0">{rows}</table>'
        f'<p><a href="{escape(letter.see)}">See it in Toktra</a></p>'
    )
    off = "" if letter.off is None else f' <a href="{escape(letter.off)}">Send me no more of these.</a>'
    return _PAGE.format(body=body, why=escape(letter.why) + off)
