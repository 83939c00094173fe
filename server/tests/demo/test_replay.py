"""`toktra replay`: a trace through the public API as a device, to the token; and what goes wrong."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest
from typer import Typer
from typer.testing import CliRunner

from toktra.demo import device as devices
from toktra.demo import trace
from toktra.demo.device import Device
from toktra.demo.replay import replay
from toktra.demo.retries import Refused
from toktra.demo.sending import Plan, Totals, answers
from toktra.kit.settings import Settings

ENTRIES = trace.read(trace.find(trace.CODE))[:300]
SUMS = (sum(e.input_tokens for e in ENTRIES), sum(e.output_tokens for e in ENTRIES))
HEAD = "TIMESTAMP,ContextTokens,GeneratedTokens\n"

commands = Typer()
commands.command()(replay)


def key_of(organization: Any) -> str:
    return str(organization.api_key["Authorization"]).removeprefix("Bearer ")


@pytest.fixture
async def device(client: httpx2.AsyncClient, organization: Any) -> Device:
    key = key_of(organization)
    email = await devices.user_of(client, key)
    return await devices.enroll_with_key(client, api_key=key, user_email=email, hostname="replay")


def plan(**changes: Any) -> Plan:
    usual = {
        "entries": ENTRIES,
        "speed": 0.0,
        "batch": 40,
        "model": "gpt-4o",
        "host": "replay.openai.azure.com",
    }
    return Plan(**{**usual, **changes})


async def sent(device: Device, what: Plan) -> Totals:
    totals = Totals()
    async for events, answer in answers(device, what):
        totals.add(events, answer)
    return totals


async def totals_of(client: httpx2.AsyncClient, organization: Any) -> tuple[int, int, int]:
    overview = (await client.get("/v1/usage/overview", headers=organization.api_key)).json()
    return overview["total_requests"], overview["input_tokens"], overview["output_tokens"]


@pytest.mark.parametrize("speed", [0.0, 1e5])
async def test_what_the_api_counts_is_the_trace_to_the_token(
    client: httpx2.AsyncClient, organization: Any, device: Device, speed: float
) -> None:
    totals = await sent(device, plan(speed=speed))
    assert (totals.sent, totals.accepted, totals.refused.total()) == (300, 300, 0)
    assert (totals.input_tokens, totals.output_tokens) == SUMS
    assert await totals_of(client, organization) == (300, *SUMS)
    providers = (await client.get("/v1/usage/providers", headers=organization.api_key)).json()["providers"]
    assert [one["provider"] for one in providers] == ["azure"]


async def test_usage_is_that_of_the_keys_own_user_on_an_enrolled_device(
    client: httpx2.AsyncClient, organization: Any, device: Device
) -> None:
    await sent(device, plan(entries=ENTRIES[:5]))
    users = (await client.get("/v1/usage/top-users", headers=organization.api_key)).json()["users"]
    assert [user["user_email"] for user in users] == [organization.owner.email]
    listed = (await client.get("/v1/devices", headers=organization.api_key)).json()["items"]
    assert [(one["id"], one["status"]) for one in listed] == [(device.device_id, "enrolled")]


async def test_refused_events_are_counted_by_reason_and_add_no_tokens(device: Device) -> None:
    totals = await sent(device, plan(host="example.com", entries=ENTRIES[:7]))
    assert totals.refused == {"unknown_host": 7}
    assert (totals.sent, totals.accepted, totals.input_tokens) == (7, 0, 0)


async def test_a_token_that_is_no_longer_taken_is_renewed(device: Device) -> None:
    await sent(device, plan(entries=ENTRIES[:5]))
    device._token = "tk_dat_forgotten"
    assert (await sent(device, plan(entries=ENTRIES[5:10]))).accepted == 5


async def test_a_token_is_renewed_before_it_ends(device: Device) -> None:
    await sent(device, plan(entries=ENTRIES[:5]))
    first, device._good_until = device._token, time.monotonic() + 59
    assert (await sent(device, plan(entries=ENTRIES[5:10]))).accepted == 5
    assert device._token != first


async def test_a_revoked_device_is_told_so(
    client: httpx2.AsyncClient, organization: Any, device: Device
) -> None:
    await client.delete(f"/v1/devices/{device.device_id}", headers=organization.api_key)
    with pytest.raises(Refused, match="revoked"):
        await sent(device, plan(entries=ENTRIES[:5]))


async def test_a_lost_answer_to_an_enrolment_is_made_good_with_a_new_token_and_key(
    client: httpx2.AsyncClient, organization: Any
) -> None:
    lost = _LosingAnswers(client, "/v1/devices/enroll", times=2)
    made = await devices.enroll_with_key(
        lost,
        api_key=key_of(organization),
        user_email=organization.member.email,
        hostname="replay",  # type: ignore[arg-type]
    )
    assert lost.left == 0
    made.client = client
    assert (await sent(made, plan(entries=ENTRIES[:5]))).accepted == 5


async def test_lost_answers_to_events_leave_the_totals_exact(
    client: httpx2.AsyncClient, organization: Any, device: Device
) -> None:
    device.client = _LosingAnswers(client, "/v1/events", times=3)  # type: ignore[assignment]
    totals = await sent(device, plan())
    assert (totals.accepted + totals.duplicates, totals.refused.total()) == (300, 0)
    assert totals.duplicates > 0
    assert await totals_of(client, organization) == (300, *SUMS)


class _LosingAnswers:
    """A client whose server does what it is asked, and whose answers to one address get lost a few times."""

    def __init__(self, client: httpx2.AsyncClient, path: str, times: int) -> None:
        self.client, self.path, self.left = client, path, times

    async def post(self, path: str, **what: Any) -> httpx2.Response:
        answer = await self.client.post(path, **what)
        if path == self.path and self.left:
            self.left -= 1
            raise httpx2.ReadError("the server was killed")
        return answer


# The command, against a real server that is killed in between.


@contextmanager
def serving(settings: Settings, port: int) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        "PATH": "/usr/bin:/bin",
        "TOKTRA_DATA_DIR": str(settings.data_dir),
        "TOKTRA_SECRET_KEY": settings.secret_key,
        "TOKTRA_PUBLIC_URL": f"http://localhost:{port}",
        "TOKTRA_LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "toktra.cli", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment)
    try:
        yield server
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def trace_file(tmp_path: Path) -> Path:
    file = tmp_path / "trace.csv"
    rows = (f"{e.at:%Y-%m-%d %H:%M:%S.%f},{e.input_tokens},{e.output_tokens}\n" for e in ENTRIES)
    file.write_text(HEAD + "".join(rows))
    return file


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it never happened")


def healthy(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/v1/health").is_success
    except httpx2.TransportError:
        return False


def counted(url: str, headers: dict[str, str]) -> int:
    try:
        return int(httpx2.get(f"{url}/v1/usage/overview", headers=headers).json()["total_requests"])
    except httpx2.TransportError:
        return 0


def test_totals_are_exact_though_the_server_is_killed_in_between(
    database: object, organization: Any, settings: Settings, trace_file: Path, port: int
) -> None:
    url = f"http://localhost:{port}"
    with serving(settings, port) as first:
        wait_until(lambda: healthy(url))
        command = [
            sys.executable,
            "-c",
            "import typer; from toktra.demo.replay import replay; typer.run(replay)",
            *(str(trace_file), "--speed", "4000", "--batch", "7", "--url", url),
            *("--api-key", key_of(organization), "--json"),
        ]
        replaying = subprocess.Popen(command, stdout=subprocess.PIPE)
        wait_until(lambda: counted(url, organization.api_key) > 20)
        first.kill()
        first.wait()
    assert replaying.poll() is None
    with serving(settings, port):
        output, _ = replaying.communicate(timeout=60)
        said = json.loads(output)
        overview = httpx2.get(f"{url}/v1/usage/overview", headers=organization.api_key).json()
    assert replaying.returncode == 0
    assert said["accepted"] + said["duplicates"] == said["sent"] == 300
    assert (said["input_tokens"], said["output_tokens"]) == SUMS
    assert (overview["total_requests"], overview["input_tokens"], overview["output_tokens"]) == (300, *SUMS)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["missing.csv"], "No such file"),
        ([], "Missing argument"),
        (["FILE"], "Give an API key with --api-key or TOKTRA_API_KEY"),
        (["FILE", "--api-key", "two words"], "not an API key"),
        (["FILE", "--enrollment-token", "tk_enr_1"], "--user EMAIL"),
        (["FILE", "--url", "localhost"], "it must look like http://localhost:8000"),
        (["FILE", "--speed", "nan"], "--speed is 0, or from"),
        (["FILE", "--speed", "-1"], "--speed is 0, or from"),
        (["FILE", "--batch", "501"], "less than or equal to 500"),
    ],
)
def test_the_command_says_what_is_wrong(trace_file: Path, arguments: list[str], says: str) -> None:
    given = [str(trace_file) if argument == "FILE" else argument for argument in arguments]
    with _silent_server() as url:
        if "--url" not in given:
            given += ["--url", url]
        result = CliRunner().invoke(commands, given, env={"TOKTRA_API_KEY": ""})
    assert result.exit_code == 2
    assert says in " ".join(result.output.replace("│", " ").split())


def test_a_server_that_is_not_there_is_said_to_be_away(trace_file: Path, port: int) -> None:
    url = f"http://localhost:{port}"
    result = CliRunner().invoke(commands, [str(trace_file), "--api-key", "tk_key_1", "--url", url])
    assert result.exit_code == 2
    assert f"Nobody answers at {url}" in result.output
    assert "toktra serve" in result.output


@contextmanager
def _silent_server() -> Iterator[str]:
    """Something that answers 404 to everything: enough to be reached."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
