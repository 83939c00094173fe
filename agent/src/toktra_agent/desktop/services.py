"""The agent as a service of each platform: texts and commands, made by pure functions.

V1: a service runs as the person whose usage it measures, so that their choices stay theirs.
V2: a tap that needs rights gets those it needs and no others; without the agent traffic flows as before.
"""

import plistlib
from typing import Final
from xml.sax.saxutils import escape

from toktra_agent.desktop.plan import Command, File, Plan, Site, TapName

NAME: Final = "toktra-agent"
LABEL: Final = "dev.toktra.agent"
ABOUT: Final = "Toktra agent: counts this device's use of AI services"
_CAPABILITIES: Final = {TapName.TRANSPARENT: "CAP_NET_ADMIN", TapName.PASSIVE: "CAP_NET_RAW"}


def service(site: Site) -> Plan:
    """The platform's way to keep the agent running."""
    match site.platform:
        case "linux":
            return _system_unit(site) if site.privileged else _user_unit(site)
        case "darwin":
            return _launchd(site)
        case "win32":
            return _task(site)


def _user_unit(site: Site) -> Plan:
    path = site.home / ".config" / "systemd" / "user" / f"{NAME}.service"
    text = _unit(site, wanted_by="default.target", more=())
    control = ("systemctl", "--user")
    return _systemd(File(path, text), control)


def _system_unit(site: Site) -> Plan:
    rights = " ".join(_CAPABILITIES[tap] for tap in site.taps if tap in _CAPABILITIES)
    more = (
        f"User={site.user}",
        # The key store and notices are on the bus of the person's session.
        f"Environment=DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/{site.uid}/bus",
        f"AmbientCapabilities={rights}",
        f"CapabilityBoundingSet={rights}",
        "ProtectSystem=strict",
        f"ReadWritePaths={_systemd_path(str(site.folder))}",
        "PrivateTmp=yes",
        "ProtectKernelModules=yes",
        "ProtectControlGroups=yes",
        "RestrictSUIDSGID=yes",
    )
    path = type(site.home)("/etc/systemd/system") / f"{NAME}.service"
    return _systemd(File(path, _unit(site, wanted_by="multi-user.target", more=more)), ("systemctl",))


def _unit(site: Site, *, wanted_by: str, more: tuple[str, ...]) -> str:
    lines = (
        "[Unit]",
        f"Description={ABOUT}",
        "After=network.target",
        "",
        "[Service]",
        f"ExecStart={' '.join(_systemd_word(word) for word in site.run)}",
        f"Environment={_systemd_word(f'TOKTRA_AGENT_DIR={site.folder}')}",
        "Restart=on-failure",
        "RestartSec=5",
        "UMask=0077",
        "NoNewPrivileges=yes",
        *more,
        "",
        "[Install]",
        f"WantedBy={wanted_by}",
    )
    return "\n".join(lines) + "\n"


def _systemd(unit: File, control: Command) -> Plan:
    return Plan(
        files=(unit,),
        start=((*control, "daemon-reload"), (*control, "enable", NAME), (*control, "restart", NAME)),
        stop=((*control, "disable", "--now", NAME),),
    )


def _systemd_word(word: str) -> str:
    """Quoted as systemd.service(5) reads it: specifiers and variables are taken literally."""
    literal = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{literal}"' if literal != word or " " in word or "'" in word else word


def _systemd_path(path: str) -> str:
    literal = path.replace("%", "%%")
    return f'"{literal}"' if " " in literal else literal


def _launchd(site: Site) -> Plan:
    """An agent of the user; a daemon that runs as them where a tap needs the network device."""
    place = "/Library/LaunchDaemons" if site.privileged else str(site.home / "Library" / "LaunchAgents")
    path = type(site.home)(place) / f"{LABEL}.plist"
    wanted = {
        "Label": LABEL,
        "ProgramArguments": list(site.run),
        "EnvironmentVariables": {"TOKTRA_AGENT_DIR": str(site.folder)},
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 5,
        "ProcessType": "Background",
        "Umask": 0o077,
    }
    if site.privileged:
        wanted["UserName"] = site.user
    text = plistlib.dumps(wanted, sort_keys=False).decode()
    return Plan(
        files=(File(path, text),),
        start=(("launchctl", "load", "-w", str(path)),),
        stop=(("launchctl", "unload", "-w", str(path)),),
    )


def _task(site: Site) -> Plan:
    """A scheduled task: it starts when the person signs in, and runs in their session."""
    path = site.folder / f"{NAME}.xml"
    program, *words = site.run
    text = _TASK.format(
        about=escape(ABOUT),
        user=escape(site.user),
        level="HighestAvailable" if site.privileged else "LeastPrivilege",
        program=escape(program),
        words=escape(" ".join(f'"{word}"' if " " in word else word for word in words)),
    )
    return Plan(
        files=(File(path, text),),
        start=(
            ("schtasks", "/Create", "/F", "/TN", NAME, "/XML", str(path)),
            ("schtasks", "/Run", "/TN", NAME),
        ),
        stop=(("schtasks", "/End", "/TN", NAME), ("schtasks", "/Delete", "/F", "/TN", NAME)),
    )


_TASK: Final = """\
<?xml version="1.0"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>{about}</Description></RegistrationInfo>
  <Triggers><LogonTrigger><UserId>{user}</UserId></LogonTrigger></Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId><LogonType>InteractiveToken</LogonType><RunLevel>{level}</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>
  </Settings>
  <Actions><Exec><Command>{program}</Command><Arguments>{words}</Arguments></Exec></Actions>
</Task>
"""
