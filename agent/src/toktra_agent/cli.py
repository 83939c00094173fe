"""`toktra-agent`: what a person or a device manager can say to the agent."""

import typer

from toktra_agent import VERSION

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The Toktra agent of this device.")


@app.command()
def version() -> None:
    """Show the version."""
    typer.echo(VERSION)


@app.callback()
def entry() -> None:
    """Keeps each command under its own name, even while there is only one."""


def main() -> None:
    """The console script."""
    app()
