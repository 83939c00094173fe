"""Commands that put the agent on the device and take it off again."""

from dataclasses import replace
from typing import Annotated, Final, Literal

import typer

from toktra_agent.cli.running import DEFAULT_TAPS, LISTEN
from toktra_agent.cli.saying import CannotBe, listen_address, say
from toktra_agent.cli.sites import network_services, site
from toktra_agent.desktop import installing, proxy_settings
from toktra_agent.desktop.manifests import manifests
from toktra_agent.desktop.plan import Plan, Site, TapName, clash
from toktra_agent.desktop.services import service
from toktra_agent.store import keys, leaving

Listen = Annotated[str, typer.Option(help="Where the proxy listens on this machine")]
_OF_EVERY_BROWSER: Final = ("a" * 32, "any@browser")


def install(
    taps: Annotated[
        list[TapName] | None,
        typer.Option("--tap", help="transparent: Linux only, also beside proxy; passive: alone"),
    ] = None,
    listen: Listen = LISTEN,
) -> None:
    """Keep the agent running from now on: systemd, launchd or a scheduled task, as the platform has it."""
    listen_address(listen)
    here = site(listen, tuple(taps or DEFAULT_TAPS))
    if (why := clash(here.taps)) is not None:
        raise CannotBe(why)
    keys.load(here.real_folder)
    for step in installing.carry_out(service(here)):
        say(step)
    say("The agent is installed. `toktra-agent status` shows what it does.")
    if TapName.PROXY in here.taps:
        say("Programs learn of the proxy with `toktra-agent proxy on`.")


def browsers(
    extension_ids: Annotated[
        list[str], typer.Argument(help="Ids of the extension, as the browser shows them")
    ],
) -> None:
    """Let the browser extension with this id speak with the agent."""
    for step in installing.carry_out(manifests(site(LISTEN, DEFAULT_TAPS), extension_ids)):
        say(step)
    say("Start the browser again, so that it finds the agent.")


def uninstall(yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False) -> None:
    """Take the agent off this device: service, rules, browser manifests, key and files."""
    here = site(LISTEN, DEFAULT_TAPS)
    if not yes:
        say("This stops the agent and removes its key, its files and what waits to be sent.")
        say("Your admin sees the device fall silent, and can revoke it.")
        if not typer.confirm("Remove it from this device?"):
            raise CannotBe("Nothing was removed.")
    for plan in _everything(here):
        for step in installing.undo(plan):
            say(step)
    for path in leaving.remove_everything(here.real_folder):
        say(f"removed {path}")
    say("Done. If you switched the proxy on, `toktra-agent proxy off` makes the desktop go direct again.")


def _everything(here: Site) -> tuple[Plan, ...]:
    """As a user's service, as the system's, and for every browser."""
    return (
        service(here),
        service(replace(here, taps=(TapName.TRANSPARENT,))),
        manifests(here, _OF_EVERY_BROWSER),
    )


def proxy(
    switch: Annotated[Literal["on", "off"], typer.Argument(help="Off: the desktop goes direct again")],
    listen: Listen = LISTEN,
) -> None:
    """Tell the desktop of the local proxy; only AI services' hosts go through it."""
    listen_address(listen)
    platform = site(listen, DEFAULT_TAPS).platform
    services = network_services() if platform == "darwin" else []
    if switch == "off":
        installing.run_all(proxy_settings.switch_off(platform, services))
        say("The desktop goes direct again.")
        return
    pac = f"http://{listen}/proxy.pac"
    say(f"For command-line programs: {proxy_settings.for_the_shell(listen)}")
    installing.run_all(proxy_settings.switch_on(platform, pac, services))
    say(f"The desktop asks {pac} now; only AI services go through the proxy.")
