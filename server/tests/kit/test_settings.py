"""Settings: defaults, what is refused and how it is said."""

from dataclasses import fields
from pathlib import Path

import pytest

from toktra.kit.database import locate
from toktra.kit.settings import PREFIX, Settings, SettingsError, from_environment

DEFAULTS = Settings()


def test_nothing_set_is_the_defaults() -> None:
    assert from_environment({}) == DEFAULTS


def test_set_but_empty_counts_as_unset() -> None:
    assert from_environment({PREFIX + f.name.upper(): "" for f in fields(Settings)}) == DEFAULTS


def test_variables_of_others_are_ignored() -> None:
    assert from_environment({"LOG_LEVEL": "nonsense", "TOKTRA_LOG": "nonsense"}) == DEFAULTS


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("data_dir", "/srv/toktra", Path("/srv/toktra")),
        ("public_url", "https://toktra.example.com/", "https://toktra.example.com"),
        ("log_level", "WARNING", "WARNING"),
        ("retention_days", "40", 40),
        ("database_pool_size", "2", 2),
        ("secret_key", "s" * 32, "s" * 32),
    ],
)
def test_a_variable_is_read(name: str, text: str, value: object) -> None:
    assert getattr(from_environment({PREFIX + name.upper(): text}), name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("public_url", "toktra.example.com"),
        ("public_url", "ftp://toktra.example.com"),
        ("public_url", "https://"),
        ("public_url", "http://[::1"),
        ("log_level", "loud"),
        ("retention_days", "39"),
        ("retention_days", "-400"),
        ("retention_days", "a year"),
        ("retention_days", "4e2"),
        ("retention_days", "٤٠٠"),
        ("retention_days", "9" * 5000),
        ("database_pool_size", "1"),
        ("database_pool_size", "2.5"),
        ("data_dir", "~nobody-has-this-name/toktra"),
        ("smtp_url", "mail.example.com:587"),
        ("smtp_url", "http://mail.example.com"),
        ("smtp_url", "smtp://:587"),
        ("smtp_url", "smtp://host:port"),
        ("smtp_url", "smtp://host:99999"),
        ("mail_from", "nobody"),
        ("mail_from", "grüße@example.com"),
        ("mail_from", "a@example.com, b@example.com"),
        ("webhooks_to_private", "perhaps"),
    ],
)
def test_a_wrong_value_names_its_variable(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=PREFIX + name.upper()):
        from_environment({PREFIX + name.upper(): text})


@pytest.mark.parametrize(("text", "meant"), [("1", True), ("True", True), ("0", False), ("false", False)])
def test_yes_and_no_can_be_said_in_two_ways(text: str, meant: bool) -> None:
    assert from_environment({f"{PREFIX}WEBHOOKS_TO_PRIVATE": text}).webhooks_to_private is meant


@pytest.mark.parametrize("key", ["", "s" * 31])
def test_a_missing_or_short_secret_key_says_how_to_make_one(key: str) -> None:
    with pytest.raises(SettingsError, match="token_urlsafe"):
        Settings(secret_key=key).require_secret_key()


def test_a_long_enough_secret_key_is_good() -> None:
    assert Settings(secret_key="s" * 32).require_secret_key() == "s" * 32


@pytest.mark.parametrize(
    ("address", "secure"), [("http://localhost:8000", False), ("https://t.example", True)]
)
def test_cookies_are_secure_exactly_over_https(address: str, secure: bool) -> None:
    assert Settings(public_url=address).secure_cookies is secure


@pytest.mark.parametrize(
    "address", ["mysql://root@localhost/toktra", "not an address", "postgresql://host:port/x"]
)
def test_another_database_is_refused_by_name(address: str) -> None:
    with pytest.raises(SettingsError, match="TOKTRA_DATABASE_URL"):
        locate(Settings(database_url=address))
