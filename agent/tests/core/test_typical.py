"""How many tokens to ask for (U1, U2)."""

from hypothesis import given
from hypothesis import strategies as st

from toktra_agent.core.typical import FEWEST, FIRST, MOST, MOST_HOSTS, Typical


def test_the_first_request_to_a_host_asks_for_a_thousand() -> None:
    typical = Typical()
    typical.learn("a.example", 500_000)
    assert typical.of("b.example") == FIRST == 1_000


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 10**12)), max_size=60))
def test_it_stays_within_its_bounds(requests: list[tuple[str, int]]) -> None:
    typical = Typical()
    for host, tokens in requests:
        before = typical.of(host)
        typical.learn(host, tokens)
        assert FEWEST <= typical.of(host) <= MOST
        assert min(before, tokens, MOST) <= typical.of(host) <= max(before, tokens, FEWEST)


def test_it_comes_near_to_what_requests_take_and_one_alone_changes_little() -> None:
    typical = Typical()
    for _ in range(60):
        typical.learn("a.example", 20_000)
    assert abs(typical.of("a.example") - 20_000) < 50
    typical.learn("a.example", 0)
    assert 17_000 < typical.of("a.example") < 18_000


def test_the_host_not_seen_for_longest_is_forgotten() -> None:
    typical = Typical()
    for number in range(MOST_HOSTS):
        typical.learn(f"{number}.example", 9_000)
    typical.learn("0.example", 9_000)
    typical.learn("one-more.example", 9_000)
    forgotten = [number for number in range(MOST_HOSTS) if typical.of(f"{number}.example") == FIRST]
    assert forgotten == [1]
