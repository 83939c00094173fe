"""Where this is: platform, person, and how the agent is started here."""

import getpass
import os
import shutil
import subprocess
import sys
from pathlib import Path

from toktra_agent.cli.saying import CannotBe
from toktra_agent.desktop.plan import Command, Platform, Site, TapName
from toktra_agent.desktop.proxy_settings import named_services
from toktra_agent.store.folder import locate

_PATIENCE = 10


def site(listen: str, taps: tuple[TapName, ...]) -> Site:
    """CannotBe where the agent does not run."""
    platform = _platform()
    if TapName.TRANSPARENT in taps and platform != "linux":
        raise CannotBe("The transparent tap is for Linux. Use the proxy, and `toktra-agent proxy on`.")
    user, uid = _person()
    return Site(platform, _program(), locate(), Path.home(), user, uid, listen, taps)


def _person() -> tuple[str, int]:
    """Whose device it is; under sudo the one who said it, whose home and folder then count."""
    if sys.platform == "win32":
        return getpass.getuser(), 0
    import pwd

    behind = os.environ.get("SUDO_USER") if os.geteuid() == 0 else None
    person = pwd.getpwnam(behind) if behind else pwd.getpwuid(os.getuid())
    if behind:
        os.environ["HOME"] = person.pw_dir
    return person.pw_name, person.pw_uid


def network_services() -> list[str]:
    """As macOS names them."""
    words = ("networksetup", "-listallnetworkservices")
    done = subprocess.run(  # noqa: S603 - fixed words
        words, capture_output=True, text=True, timeout=_PATIENCE, check=False
    )
    return named_services(done.stdout)


def _platform() -> Platform:
    match sys.platform:
        case "linux" | "darwin" | "win32" as known:
            return known
        case other:
            raise CannotBe(f"The agent can be installed on Linux, macOS and Windows; this is {other}.")


def _program() -> Command:
    beside = Path(sys.executable).with_name("toktra-agent")
    found = str(beside) if beside.exists() else shutil.which("toktra-agent")
    return (found,) if found else (sys.executable, "-m", "toktra_agent.cli")
