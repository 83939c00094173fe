"""Commands that begin something: enrolling, the agent itself, the tray, the browsers' host.

What they run is loaded when it is run: `toktra-agent status` needs no proxy, and a running agent no tray.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from toktra_agent.cli.saying import CannotBe, listen_address, say
from toktra_agent.core.browsers import Browser
from toktra_agent.desktop.plan import TapName
from toktra_agent.store.folder import locate, prepare

LISTEN: Final = "127.0.0.1:7557"
DEFAULT_TAPS: Final = (TapName.PROXY,)
_STANDARD_INPUT: Final = "-"
_BECOME: Final = (
    "import sys; sys.path[:] = sys.argv.pop().split('\\n'); "  # a package may bring its own places
    "from toktra_agent.running import main; sys.exit(main(sys.argv[1:]))"
)


def enroll(
    server: Annotated[str, typer.Argument(help="The server's address, such as https://toktra.example.com")],
    token: Annotated[
        str, typer.Option(help="The enrolment token from your admin; - reads it from standard input")
    ],
    email: Annotated[str, typer.Option(help="The e-mail of the person whose usage this device sends")],
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Take an http:// address that is not this machine's")
    ] = False,
) -> None:
    """Enrol this device with an enrolment token."""
    from toktra_agent.server import enrolling
    from toktra_agent.server.contact import WrongAddress

    secret = sys.stdin.readline().strip() if token == _STANDARD_INPUT else token
    try:
        identity = asyncio.run(
            enrolling.enroll(locate(), server=server, token=secret, email=email, insecure=insecure)
        )
    except (enrolling.NotLetIn, WrongAddress) as refused:
        raise CannotBe(str(refused)) from refused
    say(f"This device is enrolled for {identity.user_email}. Its key is in the {_place(identity.key_in)}.")
    say("Next: `toktra-agent install` keeps the agent running. `toktra-agent run` runs it here and now.")


def _place(key_in: str) -> str:
    return "system's key store" if key_in == "key store" else "agent's folder, for its owner only"


def run(
    taps: Annotated[
        list[TapName] | None,
        typer.Option("--tap", help="transparent: Linux only, also beside proxy; passive: alone"),
    ] = None,
    listen: Annotated[str, typer.Option(help="Where the proxy listens on this machine")] = LISTEN,
) -> None:
    """Run the agent until it is told to stop."""
    host, port = listen_address(listen)
    words = [host, str(port), *(taps or DEFAULT_TAPS)]
    if sys.platform == "win32":  # there a process cannot become another program
        from toktra_agent import running

        sys.exit(running.main(words))
    program = [sys.executable, "-I", "-c", _BECOME, *words, "\n".join(sys.path)]
    os.execv(sys.executable, program)  # noqa: S606 - this program, with words that were checked


def tray() -> None:
    """Show the tray: status, budget, Privacy Hours, what is sent."""
    from toktra_agent.desktop.tray import show

    show(prepare(locate()))


def native_host(
    browser: Annotated[Browser, typer.Argument(help="The browser that starts it")],
    _from_browser: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
) -> None:
    """Answer the browser extension. Browsers start this themselves."""
    from toktra_agent.desktop.native_host import serve, started_by

    serve(
        prepare(locate()), started_by(browser), sys.stdin.buffer, sys.stdout.buffer, lambda: datetime.now(UTC)
    )
