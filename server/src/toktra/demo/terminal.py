"""What the demo's commands print: results to standard output, progress and errors to standard error.

Y1: without a terminal there are plain lines, never a redrawn one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

LINES = 4


def fail(message: str, *, status: int = 2) -> NoReturn:
    """End the command with one line that says what is wrong and what to do."""
    Console(stderr=True).print(Text("error:", style="red"), Text(message), soft_wrap=True)
    raise typer.Exit(status)


@contextmanager
def progress(title: str, console: Console) -> Iterator[Callable[[float], None]]:
    """A bar, or LINES plain lines (Y1); the function it gives is told what part is done, 0 to 1."""
    if not console.is_terminal:
        yield _plain(title, console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        task = bars.add_task(title, total=1.0)
        yield lambda part: bars.update(task, completed=part)
        bars.update(task, completed=1.0)


def _plain(title: str, console: Console) -> Callable[[float], None]:
    said = -1

    def advance(part: float) -> None:
        nonlocal said
        if int(part * LINES) > said:
            said = int(part * LINES)
            console.print(f"{title}: {int(part * 100)}%", soft_wrap=True, highlight=False)

    return advance
