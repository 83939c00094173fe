"""What the employee chooses: Privacy Hours, and whose ledger usage goes to."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from toktra_agent.cli.saying import CannotBe, say
from toktra_agent.core.mode import Mode, ModeRefused, NoPersonalLedger, choose
from toktra_agent.core.privacy_hours import MOST_WINDOWS, PrivacyHours, parse_duration
from toktra_agent.core.windows import parse_window
from toktra_agent.desktop.words import instant_text, private_text
from toktra_agent.store import choices
from toktra_agent.store.choices import Choices
from toktra_agent.store.folder import locate, prepare

privacy_hours = typer.Typer(
    help="Times in which nothing is captured. They are yours: nobody else can see when, or change them.",
    invoke_without_command=True,
)


@privacy_hours.callback()
def shown_alone(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        show()


@privacy_hours.command()
def show() -> None:
    """Show the schedule, and whether Privacy Hours are in force now."""
    _show(choices.load(locate()))


@privacy_hours.command()
def add(window: Annotated[str, typer.Argument(help='Such as "Mon-Fri 12:00-13:00"')]) -> None:
    """Add a weekly window. One that ends before it starts goes over midnight."""
    hours, added = _fresh(), parse_window(window)
    if len(hours.windows) >= MOST_WINDOWS:
        raise CannotBe(f"There are {MOST_WINDOWS} windows already. Remove one first.")
    windows = hours.windows if added in hours.windows else (*hours.windows, added)
    _keep(replace(hours, windows=windows))


@privacy_hours.command()
def remove(number: Annotated[int, typer.Argument(help="The window's number, as shown")]) -> None:
    """Remove a weekly window."""
    hours = _fresh()
    if not 1 <= number <= len(hours.windows):
        there = f"1 to {len(hours.windows)}" if hours.windows else "none: there are no windows"
        raise CannotBe(f"There is no window {number}. Numbers are {there}.")
    _keep(replace(hours, windows=hours.windows[: number - 1] + hours.windows[number:]))


@privacy_hours.command()
def now(length: Annotated[str, typer.Argument(help="How long, such as 1h or 45m")] = "1h") -> None:
    """Begin Privacy Hours now, for some time."""
    _keep(replace(_fresh(), until=datetime.now(UTC) + parse_duration(length)))


@privacy_hours.command()
def off() -> None:
    """End what `now` began. The weekly windows stay."""
    _keep(replace(_fresh(), until=None))


def mode(
    wanted: Annotated[Mode | None, typer.Argument(help="Shown when left out")] = None,
) -> None:
    """Show or choose whose ledger this device's usage goes to."""
    chosen = choices.load(locate())
    if wanted is not None:
        decided = choose(wanted, NoPersonalLedger())
        if isinstance(decided, ModeRefused):
            raise CannotBe(decided.why)
        if not chosen.damaged:
            chosen = replace(chosen, mode=decided)
            choices.save(prepare(locate()), chosen)
    say(f"{chosen.mode}: usage goes to the {chosen.mode} ledger.")


def _fresh() -> PrivacyHours:
    """What is changed: of a damaged file there is nothing to keep, and choosing anew ends it."""
    chosen = choices.load(locate())
    return PrivacyHours(zone=chosen.privacy_hours.zone) if chosen.damaged else chosen.privacy_hours


def _keep(hours: PrivacyHours) -> None:
    before = choices.load(locate())
    kept = Choices(hours, before.mode)
    choices.save(prepare(locate()), kept)
    _show(kept)


def _show(chosen: Choices) -> None:
    instant = datetime.now(UTC)
    if chosen.damaged:
        say(chosen.damaged)
        return
    say(f"{private_text(chosen, instant)}.")
    for number, window in enumerate(chosen.privacy_hours.windows, start=1):
        say(f"{number}  {window}")
    if not chosen.privacy_hours.windows:
        say('There is no weekly window. Add one: toktra-agent privacy-hours add "Mon-Fri 12:00-13:00"')
    until = chosen.privacy_hours.until
    if until is not None and until > instant:
        say(f"Begun by hand, until {instant_text(until, instant, chosen)}.")
        say("End it: toktra-agent privacy-hours off")
