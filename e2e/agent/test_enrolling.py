"""The device and a real server: let in, recognised, configured; refused and revoked."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import msgspec
import pytest

from e2e.agent.office import Office, utc_now
from e2e.agent.stranger import stranger
from e2e.installation import free_port
from toktra_agent.core.certificate import due_at
from toktra_agent.server import configuring
from toktra_agent.server.access import AccessRefused
from toktra_agent.server.configuring import Kept
from toktra_agent.server.contact import Contact, WrongAddress, client_for
from toktra_agent.server.enrolling import NotLetIn, enroll, renew_if_due
from toktra_agent.store import keys

CONFIG = "/v1/devices/me/config"


async def test_a_device_that_enrols_has_an_identity_and_a_key_only_its_owner_can_read(there: Office) -> None:
    desk = await there.desk()
    assert keys.load(desk.folder) == desk.identity
    assert desk.identity.issuer == there.running.url
    assert {path.stat().st_mode & 0o077 for path in [desk.folder, *desk.folder.iterdir()]} == {0}
    async with desk.client() as client:
        assert (await client.get(CONFIG)).status_code == 200


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"token": "tk_enr_nonsense"}, "enrolment token or code is unknown"),
        ({"email": "nobody@example.com"}, "No active user"),
        ({"email": "no address"}, "characters that cannot be here"),
    ],
)
async def test_a_refusal_is_told_in_the_servers_words_and_changes_nothing(
    there: Office, tmp_path: Path, change: dict[str, str], says: str
) -> None:
    """L2."""
    email, _ = there.person()
    server = there.running.url
    identity = await enroll(tmp_path, server=server, token=there.token(), email=email)
    with pytest.raises(NotLetIn, match=says):
        await enroll(tmp_path, server=server, **{"token": there.token(), "email": email, **change})  # type: ignore[arg-type]
    assert keys.load(tmp_path) == identity
    keys.load_key(tmp_path, identity)


async def test_a_token_that_is_used_up_lets_nobody_in(there: Office, tmp_path: Path) -> None:
    email, _ = there.person()
    server, token = there.running.url, there.token()
    await enroll(tmp_path / "first", server=server, token=token, email=email)
    with pytest.raises(NotLetIn, match="used up"):
        await enroll(tmp_path / "second", server=server, token=token, email=email)
    with pytest.raises(keys.NotEnrolled, match="not enrolled"):
        keys.load(tmp_path / "second")


async def test_where_there_is_no_toktra_server_it_is_said_so(tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(NotLetIn, match="Nobody answers at"):
        await enroll(tmp_path, server=nowhere, token="t", email="a@example.com")
    guest_network = stranger(200, b"<html>Sign in to the guest network</html>")
    with guest_network as url, pytest.raises(NotLetIn, match="not a Toktra server"):
        await enroll(tmp_path, server=url, token="t", email="a@example.com")
    names = ("device_id", "certificate", "ca_certificate", "issuer")
    half = stranger(201, msgspec.json.encode(dict.fromkeys(names, "none")))
    with half as url, pytest.raises(NotLetIn, match="gave no certificate"):
        await enroll(tmp_path, server=url, token="t", email="a@example.com")
    moved = stranger(301, b"", location="https://elsewhere.example/")
    with moved as url, pytest.raises(NotLetIn, match="sends on to another address"):
        await enroll(tmp_path, server=url, token="t", email="a@example.com")
    with pytest.raises(WrongAddress, match="http://"):
        await enroll(tmp_path, server="http://toktra.example.com", token="t", email="a@example.com")


@pytest.mark.parametrize("off", [timedelta(days=-3000), timedelta(days=3), timedelta(minutes=-10)])
async def test_a_device_whose_clock_is_wrong_gets_a_token_too(there: Office, off: timedelta) -> None:
    """A2."""
    desk = await there.desk()
    contact = Contact(lambda: datetime.now(UTC) + off)
    async with desk.client(contact) as client:
        assert (await client.get(CONFIG)).status_code == 200
    assert abs(contact.now() - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_token_that_is_not_taken_any_more_is_renewed(there: Office) -> None:
    """A1."""
    desk = await there.desk()
    async with desk.client() as client:
        await client.get(CONFIG)
        there.running.stop()
        there.rows("DELETE FROM access_tokens WHERE device_id = %s", desk.identity.device_id)
        there.running.start()
        assert (await client.get(CONFIG)).status_code == 200
        await client.get(CONFIG)
        assert (
            len(there.rows("SELECT 1 FROM access_tokens WHERE device_id = %s", desk.identity.device_id)) == 1
        )


async def test_a_revoked_device_is_told_so_and_asks_no_more_for_a_while(there: Office) -> None:
    """A3: the second time is answered without the server."""
    desk = await there.desk()
    async with desk.client() as client:
        await client.get(CONFIG)
        desk.revoke()
        with pytest.raises(AccessRefused, match="revoked"):
            await client.get(CONFIG)
        there.running.stop()
        with pytest.raises(AccessRefused, match="revoked"):
            await client.get(CONFIG)
        there.running.start()


async def test_a_configuration_is_asked_for_once_and_kept(there: Office) -> None:
    """G1, G2."""
    desk = await there.desk()
    async with desk.client() as client:
        first = await configuring.poll(client, None, now="first")
        assert isinstance(first, Kept)
        assert first.config.enforcement.preflight is False
        assert any(host.pattern == "api.openai.com" for host in first.config.hosts)
        configuring.save(desk.folder, first)
        assert configuring.load(desk.folder) == first
        assert await configuring.poll(client, first, now="second") is first
        desk.cap(when_unsure="warn")
        changed = await configuring.poll(client, first, now="third")
        assert isinstance(changed, Kept)
        assert (changed.came_at, changed.config.enforcement.preflight) == ("third", True)
        assert changed.config.enforcement.when_unsure == "warn"


async def test_what_is_no_configuration_changes_nothing() -> None:
    """G1."""
    for status, body in ((200, b"<html>"), (200, b"{}"), (503, b"{}"), (304, b"")):
        with stranger(status, body) as url:
            async with client_for(url, Contact(utc_now)) as client:
                found = await configuring.poll(client, None, now="")
                assert isinstance(found, httpx2.Response)


async def test_a_certificate_is_renewed_at_two_thirds_of_its_life(there: Office) -> None:
    desk = await there.desk()
    due = due_at(desk.identity.certificate)
    assert timedelta(days=59) < due - datetime.now(UTC) < timedelta(days=61)
    async with desk.client() as client:
        early = await renew_if_due(client, desk.folder, desk.identity, now=due - timedelta(seconds=1))
        assert early is desk.identity
        renewed = await renew_if_due(client, desk.folder, desk.identity, now=due)
    assert renewed.certificate != desk.identity.certificate
    assert due_at(renewed.certificate) >= due
    assert keys.load(desk.folder) == renewed
    desk.identity = renewed
    async with desk.client() as client:
        assert (await client.get(CONFIG)).status_code == 200
        desk.revoke()
        with pytest.raises(AccessRefused):
            await renew_if_due(client, desk.folder, renewed, now=due_at(renewed.certificate))
    assert keys.load(desk.folder) == renewed
