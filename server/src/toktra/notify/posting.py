"""A mail goes out: to the mail server, or into the data folder while there is none.

X3: a password never goes over a connection without TLS; certificates are checked.
X4: no error names whom a mail was for.
"""

import asyncio
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib

from toktra.kit.settings import Settings
from toktra.notify.mail import Mail

_SECONDS = 30
_MOST_FILES = 1_000


class NotSent(Exception):
    """The mail server cannot be reached or does not take it now."""


class Refused(Exception):
    """The mail server says that it will never take a mail to this address."""


async def send(mail: Mail, settings: Settings) -> None:
    """Send one mail; NotSent where it is worth trying again."""
    if settings.smtp_url is None:
        await asyncio.to_thread(_write, mail, settings.data_dir / "mails")
        return
    try:
        async with asyncio.timeout(_SECONDS):
            await _send(mail, settings.smtp_url)
    except aiosmtplib.SMTPRecipientsRefused as refused:
        codes = [one.code for one in refused.recipients]
        raise (Refused if min(codes) >= 500 else NotSent)(f"recipient refused, {codes}") from None
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as failed:
        raise NotSent(f"{type(failed).__name__}, {getattr(failed, 'code', 'no code')}") from None


async def _send(mail: Mail, address: str) -> None:
    """STARTTLS is used where it is offered, and insisted on where there is a password (X3)."""
    url = urlsplit(address)
    within_tls = url.scheme == "smtps"
    await aiosmtplib.send(
        mail.content,
        sender=mail.sender,
        recipients=[mail.recipient],
        hostname=url.hostname,
        port=url.port,
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        use_tls=within_tls,
        start_tls=False if within_tls else (True if url.username else None),
        timeout=_SECONDS,
    )


def _write(mail: Mail, folder: Path) -> None:
    """One file for each mail, named by its id, which sorts by time; of too many the oldest go."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = folder / f".{mail.name}"
    written.write_bytes(mail.content)
    written.rename(folder / f"{mail.name}.eml")
    for old in sorted(folder.glob("*.eml"))[:-_MOST_FILES]:
        old.unlink(missing_ok=True)
