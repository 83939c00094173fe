"""Corporate or personal (M1)."""

from toktra_agent.core.mode import NOT_SET_UP, ModeRefused, NoPersonalLedger, choose


class Ready:
    """A personal ledger that has been set up."""

    def why_not_ready(self) -> str | None:
        return None


def test_personal_mode_refuses_and_says_why_where_token_perks_is_not_set_up() -> None:
    assert choose("personal", NoPersonalLedger()) == ModeRefused(NOT_SET_UP)
    assert "Token Perks is not set up" in NOT_SET_UP


def test_personal_mode_turns_on_where_the_ledger_is_ready() -> None:
    assert choose("personal", Ready()) == "personal"


def test_corporate_mode_needs_nothing() -> None:
    assert choose("corporate", NoPersonalLedger()) == "corporate"
    assert choose("corporate", Ready()) == "corporate"
