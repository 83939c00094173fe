"""Real clients, the whole agent, the real server: what it knows afterwards is what the provider counted."""

from collections import Counter

import pytest

from e2e.agent.clients import ask, chromium, curl, same_as_counted
from e2e.agent.device import LOG, Tap, arrived, enrolled, running
from e2e.agent.line import Line
from e2e.agent.names import OTHER
from e2e.agent.office import Office
from e2e.agent.world import World

SIZE = 100_000


@pytest.mark.parametrize("tap", ["proxy", "transparent"])
def test_the_server_knows_who_used_what_and_how_much(
    there: Office, the_world: World, the_line: Line, tap: Tap
) -> None:
    desk = enrolled(there, the_world)
    (desk.folder / "body").write_bytes(b"x" * SIZE)
    url, words = f"https://api.openai.com/bytes/{SIZE}", ["--data-binary", f"@{desk.folder}/body"]
    with running(desk, the_world, tap) as device:
        shown = curl(device, "--write-out", "%{certs}", *words, url, *words, url).stdout
        assert ask(device, "anthropic")["got"][0] > 1000
        if tap == "proxy":  # a browser takes some seconds; test_clients.py has it with every tap
            assert "all was answered" in chromium(device, "https://api.openai.com/")
        assert curl(device, f"https://{OTHER}/bytes/{SIZE}").stdout == "b" * SIZE
    assert shown.count("b" * SIZE) == 2
    own = the_world.certificates.chain.read_text().split("\n", 2)[1]
    assert own in shown, "another certificate than the provider's own"

    events = arrived(desk)
    hosts = Counter(one["host"] for one in events)
    assert set(hosts) == {"api.openai.com", "api.anthropic.com"}
    assert hosts["api.anthropic.com"] == 2
    assert hosts["api.openai.com"] >= (5 if tap == "proxy" else 2)  # a browser may ask for an icon too
    for host in ("api.openai.com", "api.anthropic.com"):
        same_as_counted(device, lambda: arrived(desk), host)
    usage = there.call("GET", f"/v1/usage?user_id={desk.user_id}")["items"]
    assert {one["user_email"] for one in usage} == {desk.email}
    assert sum(one["total_requests"] for one in usage) == len(events)
    assert OTHER.encode() not in the_line.said()
    assert (desk.folder / LOG).read_text() == ""
