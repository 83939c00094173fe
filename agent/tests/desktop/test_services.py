"""What an installation writes, against files that were read by a person (V1, V2)."""

import plistlib
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from xml.etree import ElementTree

import pytest

from toktra_agent.desktop.plan import Site, TapName
from toktra_agent.desktop.services import service

GOLDEN = Path(__file__).parent / "golden"
LINUX = Site(
    "linux",
    ("/usr/bin/toktra-agent",),
    PurePosixPath("/home/ada/.local/share/toktra-agent"),
    PurePosixPath("/home/ada"),
    "ada",
    1000,
    "127.0.0.1:7557",
)
MAC = Site(
    "darwin",
    ("/usr/local/bin/toktra-agent",),
    PurePosixPath("/Users/ada/Library/Application Support/toktra-agent"),
    PurePosixPath("/Users/ada"),
    "ada",
    501,
    "127.0.0.1:7557",
)
WINDOWS = Site(
    "win32",
    (r"C:\Program Files\Toktra\toktra-agent.exe",),
    PureWindowsPath(r"C:\Users\ada\AppData\Local\toktra-agent"),
    PureWindowsPath(r"C:\Users\ada"),
    r"ACME\ada & co",
    0,
    "127.0.0.1:7557",
)
SITES = {
    "user.service": LINUX,
    "system.service": replace(LINUX, taps=(TapName.TRANSPARENT, TapName.PASSIVE)),
    "agent.plist": MAC,
    "daemon.plist": replace(MAC, taps=(TapName.PASSIVE,)),
    "task.xml": WINDOWS,
    "task-highest.xml": replace(WINDOWS, taps=(TapName.PROXY, TapName.PASSIVE)),
}


@pytest.mark.parametrize("name", SITES)
def test_the_text_of_each_service(name: str) -> None:
    (file,) = service(SITES[name]).files
    assert file.text == (GOLDEN / name).read_text()


def test_where_each_service_goes_and_what_starts_it() -> None:
    plans = {name: service(site) for name, site in SITES.items()}
    assert {name: str(plan.files[0].path) for name, plan in plans.items()} == {
        "user.service": "/home/ada/.config/systemd/user/toktra-agent.service",
        "system.service": "/etc/systemd/system/toktra-agent.service",
        "agent.plist": "/Users/ada/Library/LaunchAgents/dev.toktra.agent.plist",
        "daemon.plist": "/Library/LaunchDaemons/dev.toktra.agent.plist",
        "task.xml": r"C:\Users\ada\AppData\Local\toktra-agent\toktra-agent.xml",
        "task-highest.xml": r"C:\Users\ada\AppData\Local\toktra-agent\toktra-agent.xml",
    }
    assert plans["user.service"].start[-1] == ("systemctl", "--user", "restart", "toktra-agent")
    assert plans["system.service"].start[-1] == ("systemctl", "restart", "toktra-agent")
    for plan in plans.values():
        assert plan.stop


def test_a_service_runs_as_the_person_and_with_the_rights_its_taps_need() -> None:
    """V1, V2."""
    text = service(SITES["system.service"]).files[0].text
    assert "User=ada\n" in text
    assert "AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW\n" in text
    alone = service(replace(LINUX, taps=(TapName.TRANSPARENT,))).files[0].text
    assert "AmbientCapabilities=CAP_NET_ADMIN\n" in alone
    assert "Capabilit" not in service(LINUX).files[0].text


def test_strange_names_stay_one_word_each() -> None:
    strange = replace(
        LINUX, program=('/opt/50% "of" $HOME/toktra agent',), folder=PurePosixPath("/home/a b/100%/agent")
    )
    text = service(strange).files[0].text
    assert r'ExecStart="/opt/50%% \"of\" $$HOME/toktra agent" run --tap proxy' in text
    assert 'Environment="TOKTRA_AGENT_DIR=/home/a b/100%%/agent"' in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
@pytest.mark.parametrize("taps", [(TapName.PROXY,), (TapName.TRANSPARENT, TapName.PASSIVE)])
def test_systemd_takes_the_units(tmp_path: Path, taps: tuple[TapName, ...]) -> None:
    site = replace(
        LINUX, program=("/bin/true",), folder=PurePosixPath(tmp_path / "a b"), user="root", taps=taps
    )
    (file,) = service(site).files
    unit = tmp_path / "toktra-agent.service"
    unit.write_text(file.text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "toktra" in line]) == (0, [])


def test_launchd_s_and_windows_files_are_what_they_say() -> None:
    wanted = plistlib.loads(service(MAC).files[0].text.encode())
    assert tuple(wanted["ProgramArguments"]) == MAC.run
    assert plistlib.loads(service(SITES["daemon.plist"]).files[0].text.encode())["UserName"] == "ada"
    task = ElementTree.fromstring(service(WINDOWS).files[0].text)
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    assert [one.text for one in task.iter(f"{space}UserId")] == [r"ACME\ada & co"] * 2
    assert [one.text for one in task.iter(f"{space}Command")] == [r"C:\Program Files\Toktra\toktra-agent.exe"]
