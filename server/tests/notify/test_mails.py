"""M1 to M3, X3, X4: alerts by e-mail, in a real SMTP conversation."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from toktra.kit.clock import utc_now
from toktra.kit.secrets import seal
from toktra.kit.settings import Settings
from toktra.notify import posting, service
from toktra.notify.mail import Mail
from toktra.notify.service.mails import unsubscribe_token

HTML_IN_A_NAME = "<b>R&D"


@dataclass
class Post:
    """A mail server: what it was given, and what it answers to recipients."""

    url: str = ""
    answer: str = "250 OK"
    got: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        assert max(len(line) for line in content.splitlines()) <= 998
        assert re.search(rb"^List-Unsubscribe: <http\S+>\r$", content, re.MULTILINE), "folded or encoded"
        parsed = message_from_bytes(content, policy=default)
        assert isinstance(parsed, EmailMessage)
        self.got.append((envelope.rcpt_tos, parsed))
        return "250 OK"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _how: str, said: Any) -> AuthResult:
        assert isinstance(said, LoginPassword)
        self.logins.append((said.login, said.password))
        return AuthResult(success=True)

    @property
    def to(self) -> list[str]:
        return sorted(to for recipients, _ in self.got for to in recipients)


@pytest.fixture
async def post_office() -> AsyncIterator[Callable[..., Awaitable[Post]]]:
    """Start a mail server on loopback."""
    servers = []

    async def start(*, starttls: ssl.SSLContext | None = None, login: bool = False) -> Post:
        post = Post()
        kept = {"authenticator": post.authenticate, "auth_require_tls": starttls is not None} if login else {}
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(post, hostname="mail.test", tls_context=starttls, loop=loop, **kept), "127.0.0.1", 0
        )
        post.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        servers.append(server)
        return post

    yield start
    for server in servers:
        server.close()


@pytest.fixture
async def post(post_office: Any, hooks: Any) -> Post:
    """The mail server that the worker of `hooks` sends to."""
    post: Post = await post_office()
    hooks.settings = replace(hooks.settings, smtp_url=post.url)
    return post


def people(hooks: Any, *roles: str) -> list[str]:
    return sorted(getattr(hooks.organization, role).email for role in roles)


async def test_an_alert_is_mailed_to_those_who_can_act(hooks: Any, post: Post) -> None:
    alert = await hooks.alert()
    await hooks.work(rounds=2)
    assert post.to == people(hooks, "owner", "admin")
    to, mail = post.got[0]
    assert [mail["To"].addresses[0].addr_spec] == to
    assert str(mail["Subject"]) == alert["title"]
    assert mail["From"].addresses[0].addr_spec == "toktra@localhost"
    assert mail["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        part = mail.get_body([kind])
        assert part is not None
        said = part.get_content()
        assert alert["title"] in said
        for figure in ("1 tokens", "1,100 tokens", "Requests go on", "(Europe/Berlin)", "/alerts"):
            assert figure in said, kind


async def test_managers_get_what_is_about_their_department_and_nobody_beyond_reach(
    hooks: Any, hooks_of: Callable[[Any], Any], other_organization: Any, post: Post
) -> None:
    await hooks_of(other_organization).make("https://example.com/")
    department = {"name": HTML_IN_A_NAME}
    await hooks.call("PATCH", f"/v1/departments/{hooks.organization.member.department_id}", department)
    wanted = {"limit_tokens": 1, "thresholds": [], "department": HTML_IN_A_NAME, "hard_cap": True}
    await hooks.call("POST", "/v1/budgets", wanted, status=201)
    used = hooks.make_event(user_id=str(hooks.organization.member.id))
    await hooks.call("POST", "/v1/events", {"events": [used]})
    await hooks.work()
    assert post.to == people(hooks, "owner", "admin", "manager")
    page = post.got[0][1].get_body(["html"])
    assert page is not None
    assert "&lt;b&gt;R&amp;D" in page.get_content()
    assert HTML_IN_A_NAME not in page.get_content()
    assert "Further requests are blocked." in page.get_content()


async def test_what_is_resolved_is_not_mailed(hooks: Any, post: Post) -> None:
    alert = await hooks.alert()
    await hooks.work()
    sent = len(post.got)
    await hooks.call("POST", f"/v1/alerts/{alert['id']}/resolve")
    await hooks.work()
    assert len(post.got) == sent == 2


async def test_sent_twice_it_has_the_same_id(hooks: Any, post: Post) -> None:
    alert = await hooks.alert()
    await hooks.work()
    told = {
        "org_id": hooks.organization.id,
        "alert_id": UUID(alert["id"]),
        "moment": "created",
        "public_url": "http://t",
    }
    async with hooks.sessions.begin() as session:
        await service.tell_of_alert(session, **told, now=utc_now())
    await hooks.work()
    ids = [str(mail["Message-ID"]) for _, mail in post.got]
    assert (len(ids), len(set(ids))) == (4, 2)


async def test_who_wants_none_gets_none(hooks: Any, post: Post) -> None:
    """M1, also where it is said between the alert and the mail."""
    path, owner = "/v1/me/notifications", hooks.organization.as_("owner")
    assert (await hooks.client.get(path, headers=owner)).json() == {"alert_mails": True, "policy_mails": True}
    await hooks.alert()
    said = await hooks.client.put(path, json={"alert_mails": False, "policy_mails": True}, headers=owner)
    assert (
        said.json()
        == (await hooks.client.get(path, headers=owner)).json()
        == {"alert_mails": False, "policy_mails": True}
    )
    hooks.client.cookies.clear()
    await hooks.work()
    assert post.to == people(hooks, "admin")
    await hooks.client.put(path, json={"alert_mails": True, "policy_mails": True}, headers=owner)
    hooks.client.cookies.clear()
    await hooks.alert("daily")
    await hooks.work()
    assert post.to == sorted(people(hooks, "admin", "admin", "owner"))


async def test_a_program_does_not_choose_for_its_maker(hooks: Any) -> None:
    await hooks.call("PUT", "/v1/me/notifications", {"alert_mails": False, "policy_mails": True}, status=403)
    assert await hooks.call("GET", "/v1/me/notifications") == {"alert_mails": True, "policy_mails": True}


async def test_who_cannot_act_any_more_gets_none(hooks: Any, post: Post) -> None:
    """M1: suspended, or no admin any more, when the mail is to be sent."""
    alert = await hooks.alert()
    admin = hooks.organization.admin.id
    letters = {"org_id": hooks.organization.id, "alert_id": UUID(alert["id"]), "user_id": admin}
    async with hooks.sessions() as session:
        key = {"secret_key": hooks.settings.secret_key, "public_url": hooks.settings.public_url}
        assert await service.letter(session, **letters, **key) is not None
        for change in ({"status": "suspended"}, {"status": "active", "role": "member"}):
            await hooks.call("PATCH", f"/v1/users/{admin}", change)
            session.expire_all()
            assert await service.letter(session, **letters, **key) is None, change
    await hooks.work()
    assert post.to == people(hooks, "owner")


async def test_one_click_ends_the_mails_and_opening_the_link_does_not(hooks: Any, post: Post) -> None:
    """RFC 8058."""
    await hooks.alert()
    await hooks.work()
    (mail,) = [mail for to, mail in post.got if to == people(hooks, "owner")]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(
        r"<(http://localhost:8000/v1/unsubscribe\?token=\S+)>", str(mail["List-Unsubscribe"])
    )
    assert found is not None
    text = mail.get_body(["plain"])
    assert text is not None
    assert found[1] in text.get_content()
    link = f"{urlsplit(found[1]).path}?{urlsplit(found[1]).query}"
    headers = hooks.organization.as_("owner")
    page = await hooks.client.get(link)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<form method="post">' in page.text
    wanted = await hooks.client.get("/v1/me/notifications", headers=headers)
    assert wanted.json() == {"alert_mails": True, "policy_mails": True}
    hooks.client.cookies.clear()
    for _ in range(2):
        pressed = await hooks.client.post(link, data={"List-Unsubscribe": "One-Click"})
        assert (pressed.status_code, "No more mails" in pressed.text) == (200, True)
    wanted = await hooks.client.get("/v1/me/notifications", headers=headers)
    assert wanted.json() == {"alert_mails": False, "policy_mails": True}
    hooks.client.cookies.clear()
    await hooks.alert("daily")
    await hooks.work()
    assert post.to == sorted(people(hooks, "admin", "admin", "owner"))


async def test_a_link_that_was_not_sent_does_nothing(hooks: Any, settings: Any) -> None:
    owner, key = hooks.organization.owner, settings.secret_key
    good = unsubscribe_token(owner.org_id, owner.id, "alerts", secret_key=key)
    other_key = unsubscribe_token(
        owner.org_id, owner.id, "alerts", secret_key="another key, long enough for tests"
    )
    purpose = seal(key, "another purpose", owner.org_id.bytes + owner.id.bytes).hex()
    turned = good[:30] + ("A" if good[30] != "A" else "B") + good[31:]
    for token in (turned, other_key, purpose, "x", "é", good + good, ""):
        for method in ("GET", "POST"):
            said = await hooks.client.request(method, "/v1/unsubscribe", params={"token": token})
            assert said.status_code == 422, token
    assert await hooks.call("GET", "/v1/me/notifications") == {"alert_mails": True, "policy_mails": True}


async def test_a_password_goes_over_tls_alone(hooks: Any, post_office: Any, trusted: Any) -> None:
    """X3: a server that offers STARTTLS gets it, one that does not gets neither password nor mail."""
    safe = await post_office(starttls=trusted("localhost"), login=True)
    bare = await post_office(login=True)
    await hooks.alert()
    for post in (bare, safe):
        address = post.url.replace("smtp://127.0.0.1", "smtp://me%40x:pass%2Fword@localhost")
        hooks.settings = replace(hooks.settings, smtp_url=address)
        await hooks.work(rounds=2)
    assert (bare.got, bare.logins) == ([], [])
    assert safe.to == people(hooks, "owner", "admin")
    assert set(safe.logins) == {(b"me@x", b"pass/word")}


async def test_a_certificate_for_another_name_is_not_taken(
    hooks: Any, post_office: Any, trusted: Any
) -> None:
    post = await post_office(starttls=trusted("mail.test"))
    hooks.settings = replace(hooks.settings, smtp_url=post.url.replace("127.0.0.1", "localhost"))
    await hooks.alert()
    await hooks.work()
    assert post.got == []


async def test_a_mail_waits_for_a_server_that_is_busy_or_not_there(hooks: Any, post: Post) -> None:
    await hooks.alert()
    url, post.answer = post.url, "451 Try again later"
    await hooks.work()
    hooks.settings = replace(hooks.settings, smtp_url="smtp://127.0.0.1:1")
    await hooks.work(rounds=2)
    hooks.settings, post.answer = replace(hooks.settings, smtp_url=url), "250 OK"
    await hooks.work(rounds=3)
    assert post.to == people(hooks, "owner", "admin")


async def test_a_mail_that_is_refused_for_good_is_not_tried_again_nor_its_reader_named(
    hooks: Any, post: Post, log_lines: Callable[[], list[str]]
) -> None:
    post.answer = "550 No such mailbox"
    await hooks.alert()
    await hooks.work()
    said = "\n".join(log_lines())
    assert said.count("mail_refused") == 2
    assert "@example.com" not in said
    post.answer = "250 OK"
    await hooks.work(rounds=2)
    assert post.got == []


@pytest.mark.parametrize("email", ["a,b@example.com", "grüße@example.com", "a>b@example.com"])
async def test_what_is_no_address_for_mail_is_refused_and_others_get_theirs(
    hooks: Any, post: Post, email: str
) -> None:
    owner = hooks.organization.owner.id
    await hooks.do("UPDATE users SET email = :email WHERE id = :id", email=email, id=owner)
    await hooks.alert()
    await hooks.work(rounds=2)
    assert post.to == people(hooks, "admin")


async def test_without_a_server_mails_are_files_of_which_the_newest_stay(hooks: Any, tmp_path: Path) -> None:
    alert = await hooks.alert()
    await hooks.work(rounds=2)
    folder = hooks.settings.data_dir / "mails"
    kept = list(folder.glob(f"alert.{UUID(alert['id']).hex}.*.eml"))
    read = [message_from_bytes(file.read_bytes(), policy=default) for file in kept]
    assert sorted(str(mail["To"]) for mail in read) == people(hooks, "owner", "admin")
    assert folder.stat().st_mode & 0o077 == 0
    (tmp_path / "mails").mkdir()
    old = [tmp_path / "mails" / f"alert.0{number:04}.eml" for number in range(1_000)]
    for file in old:
        file.touch()
    await posting.send(Mail("alert.1", "from", "to", b""), Settings(data_dir=tmp_path))
    assert sorted((tmp_path / "mails").iterdir()) == [*old[1:], tmp_path / "mails" / "alert.1.eml"]
