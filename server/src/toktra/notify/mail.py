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
from toktra.notify.wording import Fact, facts_of

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"></head>
<body style="font: 15px/1.5 system-ui, sans-serif; max-width: 36em; margin: 2em auto; padding: 0 1em">
{body}
<p style="font-size: 13px; opacity: .7">{why} <a href="{off}">Send me no more of these.</a></p>
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
    alert, host = letter.listed.alert, urlsplit(settings.public_url).hostname or "localhost"
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    name, sender = f"alert.{alert.id.hex}.{letter.user.id.hex}", settings.mail_from or f"toktra@{host}"
    mail["From"] = Address("Toktra", addr_spec=sender)
    mail["To"] = _address(letter)
    mail["Subject"] = alert.title
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{name}@{host}>"
    off = f"{settings.public_url}/v1/unsubscribe?token={letter.unsubscribe_token}"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-generated"
    facts = facts_of(letter.listed, zone=letter.time_zone)
    see = f"{settings.public_url}/alerts"
    why = f"You get this since you can act on alerts of {letter.organization}."
    lines = [alert.title, "", *(f"{name}: {value}" for name, value in facts), "", f"See it: {see}"]
    mail.set_content("\n".join([*lines, "", "-- ", why, f"Send me no more of these: {off}", ""]))
    mail.add_alternative(_html(alert.title, facts, see=see, why=why, off=off), subtype="html")
    # As it is: the library would fold it, and programs look for an address.
    unsubscribe = f"List-Unsubscribe: <{off}>\r\n".encode()
    return Mail(name, sender, letter.user.email, unsubscribe + mail.as_bytes())


def _address(letter: Letter) -> Address:
    if not letter.user.email.isascii():
        raise NotAnAddress("not in ASCII")
    try:
        return Address(addr_spec=letter.user.email)
    except (ValueError, IndexError, AttributeError, HeaderParseError) as wrong:
        raise NotAnAddress("not an address") from wrong


def _html(title: str, facts: list[Fact], *, see: str, why: str, off: str) -> str:
    cell = 'style="padding: 2px 24px 2px 0; vertical-align: top; font-variant-numeric: tabular-nums"'
    rows = "".join(
        f"<tr><td {cell}>{escape(name)}</td><td {cell}>{escape(value)}</td></tr>" for name, value in facts
    )
    body = (
        f'<h1 style="font-size: 19px">{escape(title)}</h1><table style="border-spacing: 0">{rows}</table>'
        f'<p><a href="{escape(see)}">See it in Toktra</a></p>'
    )
    return _PAGE.format(body=body, why=escape(why), off=escape(off))
