"""The Debian package: what is in it, and what it needs (E1, E2). Building the whole of it is `make deb`."""

import importlib.util
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def deb() -> Any:
    spec = importlib.util.spec_from_file_location("build_deb", ROOT / "deploy" / "deb" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_depends_on_the_python_its_wheels_are_for(deb: Any) -> None:
    """E2."""
    text = deb.control("amd64", (3, 12), 1_000)
    assert "Depends: python3 (>= 3.12), python3 (<< 3.13)\n" in text
    assert "Architecture: amd64\n" in text
    assert "Version: 0.1.0\n" in text


def test_what_the_agent_needs_is_locked_with_hashes_and_nothing_else(deb: Any) -> None:
    """E1."""
    names = deb.closure("toktra-agent")
    lines = list(deb.wanted_lines((ROOT / "requirements.txt").read_text(), names))
    assert len(lines) == len(names) > 10
    assert all("--hash=sha256:" in line for line in lines)
    assert {"cryptography", "httpx2", "pystray", "typer"} <= names
    assert names & {"litestar", "psycopg", "sqlalchemy", "pytest", "toktra-wire", "toktra-agent"} == set()


def test_every_package_that_the_agent_imports_is_in_it(deb: Any) -> None:
    """An import that only the server's dependencies satisfy would be missing on a device."""
    imported = {
        name
        for part in ("agent", "wire")
        for file in (ROOT / part / "src").rglob("*.py")
        for name in re.findall(r"^\s*(?:import|from) (\w+)", file.read_text(), re.MULTILINE)
    }
    known = {"PIL": "pillow", "pcapy": "pcapy-ng", "jwt": "pyjwt", "uuid_utils": "uuid-utils"}
    own = {"toktra_agent", "toktra_wire"}
    outside = {known.get(name, name) for name in imported - own - sys.stdlib_module_names}
    assert sorted(outside - deb.closure("toktra-agent") - {"pydivert", "toktra"}) == []


def test_an_unlocked_package_is_said(deb: Any) -> None:
    with pytest.raises(SystemExit, match="does not lock missing"):
        list(deb.wanted_lines("present==1 \\\n    --hash=sha256:0\n", frozenset({"present", "missing"})))


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is Debian's")
def test_debian_takes_the_layout_and_the_control_file(deb: Any, tmp_path: Path) -> None:
    tree, package = tmp_path / "tree", tmp_path / "toktra-agent.deb"
    deb.lay_out(tree)
    deb.write_control(tree)
    subprocess.run(
        ["dpkg-deb", "--build", "--root-owner-group", tree, package], check=True, capture_output=True
    )
    fields = subprocess.check_output(["dpkg-deb", "--field", package], text=True)
    assert "Package: toktra-agent\n" in fields
    listed = subprocess.check_output(["dpkg-deb", "--contents", package], text=True).splitlines()
    files = {line.split()[-1]: line.split()[0] for line in listed}
    assert files["./usr/bin/toktra-agent"] == "-rwxr-xr-x"
    assert "./usr/lib/systemd/user/toktra-agent.service" in files
    assert "./usr/share/doc/toktra-agent/copyright" in files
    assert stat.S_IMODE((tree / "usr/bin/toktra-agent").stat().st_mode) == 0o755


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_takes_its_unit(tmp_path: Path) -> None:
    unit = tmp_path / "toktra-agent.service"
    text = (ROOT / "deploy/deb/toktra-agent.service").read_text()
    unit.write_text(text.replace("/usr/bin/toktra-agent", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in done.stderr.splitlines() if "toktra-agent.service" in line] == []
