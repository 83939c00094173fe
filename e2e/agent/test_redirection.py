"""The transparent tap's rules on the device: they hold while it runs, and never longer (D1, D2, Y1)."""

import sys

import pytest

from e2e.agent.names import OTHER
from e2e.agent.tapped import Tapped, seen, tapped
from e2e.agent.world import NOBODY, PROVIDER, World, wait_until

CURL = ("curl", "--silent", "--show-error", "--max-time", "10")
DATAGRAM = f"""
import socket
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.settimeout(1)
out.connect(("{PROVIDER[0]}", 443))
try:
    out.send(b"a datagram")
    out.recv(1)
except (ConnectionRefusedError, PermissionError):
    print("refused")
except TimeoutError:
    print("nothing came")
"""


def get(world: World, *words: str, host: str = "api.openai.com") -> str:
    """What curl gets, to the provider's port 443."""
    authority = str(world.certificates.authority)
    return world.run(*CURL, "--cacert", authority, *words, f"https://{host}/bytes/3000", check=False).stdout


def rules(world: World) -> str:
    return world.run("nft", "list", "ruleset").stdout


def test_the_rules_go_with_the_tap(the_world: World) -> None:
    with tapped(the_world, "transparent"):
        assert "table inet toktra" in rules(the_world)
    assert rules(the_world) == ""
    assert get(the_world) == "b" * 3000


def test_a_killed_tap_leaves_no_rule_behind_and_traffic_flows(the_world: World) -> None:
    with tapped(the_world, "transparent") as tap:
        tap.running.kill()
        tap.running.wait()
        wait_until(lambda: rules(the_world) == "")
        assert get(the_world) == "b" * 3000
    with tapped(the_world, "transparent") as tap:
        assert get(the_world) == "b" * 3000
        assert len(seen(tap, 1)) == 1


@pytest.mark.parametrize("family", ["-4", "-6"])
def test_both_families_are_seen(the_world: World, family: str) -> None:
    with tapped(the_world, "transparent") as tap:
        assert get(the_world, family) == "b" * 3000
        assert [one["host"] for one in seen(tap, 1)] == ["api.openai.com"]


def test_a_connection_goes_on_to_where_it_was_going(the_world: World) -> None:
    """Not to where its name leads: the client chose the address."""
    with tapped(the_world, "transparent") as tap:
        elsewhere = get(the_world, "--resolve", f"api.openai.com:443:{NOBODY}")
        assert elsewhere == ""
        assert the_world.accepted() == 0
        assert get(the_world, "--resolve", f"api.openai.com:443:{PROVIDER[0]}") == "b" * 3000
        assert len(seen(tap, 1)) == 1


def test_who_comes_to_the_tap_unled_is_turned_away(the_world: World) -> None:
    with tapped(the_world, "transparent") as tap:
        port = listening_port(tap)
        words = ["--connect-to", f"api.openai.com:443:127.0.0.1:{port}"]
        assert get(the_world, *words) == ""
        assert not (tap.folder / "asked").exists()


def test_what_stays_on_the_device_is_not_led_away(the_world: World) -> None:
    """Nobody listens there, and the kernel says so itself: curl's status 7, not a handshake that breaks."""
    with tapped(the_world, "transparent"):
        words = ["--resolve", "api.openai.com:443:127.0.0.1", "https://api.openai.com/"]
        assert the_world.run(*CURL, *words, check=False).returncode == 7


def listening_port(tap: Tapped) -> str:
    listed = rules(tap.world)
    return listed.partition("redirect to :")[2].split()[0]


def test_quic_is_rejected_while_the_tap_runs_and_no_longer(the_world: World) -> None:
    """D3."""
    with the_world.in_provider(sys.executable, "-c", SILENT):
        with tapped(the_world, "transparent"):
            assert the_world.run(sys.executable, "-c", DATAGRAM).stdout.strip() == "refused"
            assert get(the_world, host=OTHER) == "b" * 3000
        assert the_world.run(sys.executable, "-c", DATAGRAM).stdout.strip() == "nothing came"


SILENT = f"""
import socket, time
taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
taken.bind(("{PROVIDER[0]}", 443))
print("ready", flush=True)
time.sleep(60)
"""
