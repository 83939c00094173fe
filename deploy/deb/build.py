"""Builds the agent's Debian package: `make deb`.

E1: what is in it is what requirements.txt locks, hash for hash; nothing that only the server or tests need.
E2: its wheels are for one Python version, and the package depends on that one.
"""

import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from toktra_agent import VERSION

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
OURS = frozenset({"toktra-agent", "toktra-wire"})
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
PLACES = {
    "usr/bin/toktra-agent": ("toktra-agent", 0o755),
    "usr/lib/toktra-agent/start.py": ("start.py", 0o644),
    "usr/lib/systemd/user/toktra-agent.service": ("toktra-agent.service", 0o644),
}
_PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps")


def build(into: Path) -> Path:
    """The package, made anew."""
    into.mkdir(parents=True, exist_ok=True)
    package = into / f"toktra-agent_{VERSION}_{architecture()}.deb"
    with tempfile.TemporaryDirectory() as made:
        tree = Path(made) / "tree"
        lay_out(tree)
        _fill(tree / "usr/lib/toktra-agent/site-packages", Path(made))
        write_control(tree)
        subprocess.run(["dpkg-deb", "--build", "--root-owner-group", tree, package], check=True)
    return package


def lay_out(tree: Path) -> None:
    """Our own files: the command, what it starts, the unit, the licence."""
    for place, (name, mode) in PLACES.items():
        target = tree / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HERE / name, target)
        target.chmod(mode)
    licence = tree / "usr/share/doc/toktra-agent/copyright"
    licence.parent.mkdir(parents=True)
    shutil.copyfile(ROOT / "LICENSE", licence)


def _fill(packages: Path, scratch: Path) -> None:
    """E1."""
    locked = scratch / "locked.txt"
    locked.write_text("".join(wanted_lines((ROOT / "requirements.txt").read_text(), closure("toktra-agent"))))
    target = ("--target", str(packages))
    ours = [str(ROOT / part) for part in ("wire", "agent")]
    for what in (("--require-hashes", "--requirement", str(locked)), ("--no-build-isolation", *ours)):
        subprocess.run([*_PIP, *target, *what], check=True)
        shutil.rmtree(packages / "bin", ignore_errors=True)  # the package has a command of its own
    compiling = ("-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(packages))
    subprocess.run([sys.executable, *compiling], check=True)


def closure(name: str) -> frozenset[str]:
    """Every package that this one needs here, by its canonical name, without our own."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for requirement in _needs(waiting.pop()):
            needed = canonicalize_name(requirement.name)
            if needed not in found and (requirement.marker is None or requirement.marker.evaluate()):
                found.add(needed)
                waiting.append(needed)
    return frozenset(found - OURS)


def _needs(name: str) -> Iterator[Requirement]:
    """Of our own packages as they say now, of others as they are installed here."""
    if name in OURS:
        project = tomllib.loads((ROOT / name.removeprefix("toktra-") / "pyproject.toml").read_text())
        yield from map(Requirement, project["project"]["dependencies"])
        return
    try:
        yield from map(Requirement, distribution(name).requires or [])
    except PackageNotFoundError:
        raise SystemExit(f"{name} is not installed here. Run `make setup` first.") from None


def wanted_lines(locked: str, names: frozenset[str]) -> Iterator[str]:
    """The entries of a lock file for these packages, with their hashes."""
    entries = re.split(r"^(?=\S)", locked, flags=re.MULTILINE)
    named = ((re.match(r"[\w.-]+", one), one) for one in entries)
    kept: dict[str, str] = {canonicalize_name(found[0]): one for found, one in named if found}
    if missing := names - kept.keys():
        raise SystemExit(f"requirements.txt does not lock {', '.join(sorted(missing))}. Run `make lock`.")
    yield from (kept[name] for name in sorted(names))


def write_control(tree: Path) -> None:
    """Last, since it says how large the rest is."""
    size = sum(file.stat().st_size for file in tree.rglob("*") if file.is_file()) // 1024
    target = tree / "DEBIAN" / "control"
    target.parent.mkdir()
    target.write_text(control(architecture(), sys.version_info[:2], size))


def control(architecture: str, python: tuple[int, int], installed_kilobytes: int) -> str:
    """E2."""
    major, minor = python
    fields = {
        "Package": "toktra-agent",
        "Version": VERSION,
        "Architecture": architecture,
        "Maintainer": "The Toktra authors <agent@toktra.dev>",
        "Installed-Size": installed_kilobytes,
        "Depends": f"python3 (>= {major}.{minor}), python3 (<< {major}.{minor + 1})",
        "Recommends": "libnotify-bin, nftables, gir1.2-ayatanaappindicator3-0.1, python3-gi",
        "Section": "utils",
        "Priority": "optional",
        "Description": "Toktra agent: counts this device's use of AI services\n"
        " Sees connections to AI services, counts bytes, keeps inside budgets, and cannot see what is said.",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def architecture() -> str:
    """As Debian calls this machine's."""
    machine = sysconfig.get_platform().rpartition("-")[2]
    return ARCHITECTURES.get(machine, machine)


if __name__ == "__main__":
    sys.stdout.write(f"{build(ROOT / 'dist')}\n")
