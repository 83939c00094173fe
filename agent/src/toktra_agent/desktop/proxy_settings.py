"""How programs on this device are told of the local proxy: the desktop's setting of a PAC file, on and off.

The PAC file sends only AI services' hosts to the proxy; everything else stays direct.
"""

from collections.abc import Sequence
from typing import Final

from toktra_agent.desktop.plan import Command, Platform

_WINDOWS_KEY: Final = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings"


def switch_on(platform: Platform, pac: str, network_services: Sequence[str] = ()) -> list[Command]:
    """Commands that point the desktop at a PAC file. `network_services`: as macOS names them."""
    match platform:
        case "linux":
            return [
                ("gsettings", "set", "org.gnome.system.proxy", "autoconfig-url", pac),
                ("gsettings", "set", "org.gnome.system.proxy", "mode", "auto"),
            ]
        case "darwin":
            return [("networksetup", "-setautoproxyurl", service, pac) for service in network_services]
        case "win32":
            return [("reg", "add", _WINDOWS_KEY, "/v", "AutoConfigURL", "/t", "REG_SZ", "/d", pac, "/f")]


def switch_off(platform: Platform, network_services: Sequence[str] = ()) -> list[Command]:
    """Commands that make the desktop go direct again."""
    match platform:
        case "linux":
            return [("gsettings", "set", "org.gnome.system.proxy", "mode", "none")]
        case "darwin":
            return [("networksetup", "-setautoproxystate", service, "off") for service in network_services]
        case "win32":
            return [("reg", "delete", _WINDOWS_KEY, "/v", "AutoConfigURL", "/f")]


def named_services(listed: str) -> list[str]:
    """The names in what `networksetup -listallnetworkservices` prints; those with a * are switched off."""
    return [line for line in listed.splitlines()[1:] if line and not line.startswith("*")]


def for_the_shell(listen: str) -> str:
    """Command-line programs read no PAC file."""
    return f"export HTTPS_PROXY=http://{listen}"
