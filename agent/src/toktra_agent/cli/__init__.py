"""`toktra-agent`: what a person or a device manager can say to the agent.

Q1: what cannot be done is one sentence on stderr that says what to do, and exit code 1; never a traceback.
Q2: Privacy Hours are changed by `privacy-hours` alone; no option of any command passes them by.
"""

import sys
from collections.abc import Sequence

import typer

from toktra_agent import VERSION
from toktra_agent.cli import choosing, looking, placing, running
from toktra_agent.cli.saying import SENTENCES
from toktra_agent.desktop.words import failure_text

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="The Toktra agent of this device: counts the use of AI services, and never reads what is said.",
)
app.command()(running.enroll)
app.command()(running.run)
app.command()(looking.status)
app.command()(looking.sent)
app.command()(looking.doctor)
app.command()(choosing.mode)
app.add_typer(choosing.privacy_hours, name="privacy-hours")
app.command()(placing.proxy)
app.command()(placing.install)
app.command()(placing.browsers)
app.command()(placing.uninstall)
app.command()(running.tray)
app.command("native-host")(running.native_host)


@app.command()
def version() -> None:
    """Show the version."""
    typer.echo(VERSION)


def main(words: Sequence[str] | None = None) -> None:
    """The console script (Q1)."""
    try:
        app(args=words)
    except SENTENCES as failure:
        typer.echo(failure_text(failure), err=True)
        sys.exit(1)
