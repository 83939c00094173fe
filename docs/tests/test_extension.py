"""What the extension may do and say is what is documented: permissions, hosts, signals, policies."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from toktra.metering.catalog import PROVIDERS
from toktra_wire.event import UsageEvent

TELLING = re.compile(r'as(?:Device|Anyone)\((?:server, )?(?:"(\w+)", )?["`](/v1/[^"`]*)["`]')
PLACE = re.compile(r"\$\{\w+\}")


@pytest.fixture(scope="module")
def manifest(root: Path) -> dict[str, Any]:
    built = root / "extension/dist/chrome/manifest.json"
    if not built.exists():
        pytest.fail("extension/dist/chrome is missing. Run `make setup` first.", pytrace=False)
    return dict(json.loads(built.read_text()))


@pytest.fixture(scope="module")
def hosts(root: Path) -> list[dict[str, Any]]:
    return list(json.loads((root / "extension/hosts.json").read_text())["hosts"])


@pytest.fixture(scope="module")
def signals(root: Path) -> list[dict[str, Any]]:
    return list(json.loads((root / "extension/signals.json").read_text())["signals"])


@pytest.fixture(scope="module")
def sources(root: Path) -> dict[str, str]:
    folder = root / "extension/src"
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*.ts")}


def test_every_permission_has_its_reason(page: dict[str, Any], manifest: dict[str, Any]) -> None:
    table = page["docs/extension/permissions.md"].tables()[0]
    assert [row[0].strip("`") for row in table] == sorted(manifest["permissions"])
    assert "optional_permissions" not in manifest
    assert "optional_host_permissions" not in manifest


def test_permissions_are_for_known_hosts_and_no_others(
    manifest: dict[str, Any], hosts: list[dict[str, Any]]
) -> None:
    names = [host["pattern"].replace("*", name, 1) for host in hosts for name in host.get("names", ["*"])]
    assert sorted(manifest["host_permissions"]) == sorted(
        f"{scheme}://{name}/*" for name in names for scheme in ("https", "wss")
    )
    scripts = manifest["content_scripts"]
    assert [sorted(one["matches"]) for one in scripts] == [sorted(f"https://{name}/*" for name in names)] * 2


def test_the_extension_knows_the_same_hosts_as_the_server(hosts: list[dict[str, Any]]) -> None:
    served = {(provider.id, pattern) for provider in PROVIDERS for pattern in provider.hosts}
    assert {(host["provider"], host["pattern"]) for host in hosts} == served
    assert len(hosts) == len(served)


def test_every_signal_is_documented(page: dict[str, Any], signals: list[dict[str, Any]]) -> None:
    table = page["docs/extension/permissions.md"].tables()[1]
    assert table == [
        [
            f"`{one['name']}`",
            one["when"],
            ", ".join(f"`{name}`" for name in one["what"]) or "nothing",
            one["why"],
        ]
        for one in signals
    ]


def test_nothing_is_said_to_the_server_that_is_no_signal(
    signals: list[dict[str, Any]], sources: dict[str, str]
) -> None:
    said = {
        f"{method or 'POST'} {PLACE.sub('{hold_id}', path)}"
        for text in sources.values()
        for method, path in TELLING.findall(text)
    }
    said.add("POST /v1/oauth/token")
    assert said == {one["name"] for one in signals if one["to"] == "server"}
    reaching = {name for name, text in sources.items() if re.search(r"(?<![.\w])fetch\(|sendBeacon", text)}
    assert reaching == {"worker/server.ts"}
    native = {name for name, text in sources.items() if "NativeMessage(" in text or "connectNative" in text}
    assert native == {"worker/agent.ts"}


def test_an_event_has_the_fields_that_are_listed_and_the_wire_takes(
    signals: list[dict[str, Any]], sources: dict[str, str]
) -> None:
    (body,) = re.findall(r"export interface UsageEvent \{(.*?)\n\}", sources["core/wire.ts"], re.DOTALL)
    fields = set(re.findall(r"^\s+(\w+)\??:", body, re.MULTILINE))
    listed = next(one["what"] for one in signals if one["name"] == "POST /v1/events")
    assert fields == set(listed)
    assert fields <= set(UsageEvent.__struct_fields__)


def test_bodies_headers_and_cookies_are_never_asked_for(sources: dict[str, str]) -> None:
    text = "\n".join(sources.values())
    for word in ("requestBody", "requestHeaders", "extraHeaders", "onBeforeSendHeaders", "document.cookie"):
        assert word not in text
    assert [name for name, source in sources.items() if "responseHeaders" in source] == [
        "worker/observing.ts"
    ]
    page = "\n".join(source for name, source in sources.items() if name.startswith("page/"))
    for word in ("getResponseHeader", "headers.get", "innerText", "textContent", "localStorage"):
        assert word not in page


def test_every_policy_is_listed(page: dict[str, Any], root: Path) -> None:
    schema = json.loads((root / "extension/public/managed_storage.json").read_text())
    table = page["docs/extension/managed.md"].tables()[0]
    assert [row[0].strip("`") for row in table] == list(schema["properties"])
