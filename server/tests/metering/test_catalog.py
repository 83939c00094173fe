"""Hosts, models and costs (X1, X2): costs are those of genai-prices, to the micro-dollar."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from genai_prices import Usage, data_snapshot
from genai_prices.types import ModelInfo, Provider, TieredPrices
from hypothesis import given
from hypothesis import strategies as st

from toktra.metering.catalog import (
    PROVIDERS,
    UNKNOWN_MODEL,
    KnownProvider,
    Recognized,
    cost_micros,
    provider_of,
    recognize,
)
from toktra_wire.hosts import matcher

AT = datetime(2026, 11, 1, tzinfo=UTC)
PRICED = [provider for provider in PROVIDERS if provider.prices_id]
SIZES = (0, 1, 7, 999, 123_456, 50_000_000)
LABEL = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=20)


def price_list(provider: KnownProvider) -> Provider:
    return next(p for p in data_snapshot.get_snapshot().providers if p.id == provider.prices_id)


def tier_edges(model: ModelInfo) -> Iterator[int]:
    price = model.get_prices(AT)
    for part in (price.input_mtok, price.output_mtok):
        if isinstance(part, TieredPrices):
            for tier in part.tiers:
                yield from (tier.start - 1, tier.start, tier.start + 1)


def micros(usd: Decimal) -> int:
    return int((usd * 1_000_000).quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize("provider", PRICED, ids=lambda provider: provider.id)
def test_a_cost_is_what_genai_prices_says(provider: KnownProvider) -> None:
    compared = 0
    for model in price_list(provider).models:
        price = model.get_prices(AT)
        recognized = Recognized(provider.id, model.id, model)
        sold_by_tokens = price.input_mtok is not None or price.output_mtok is not None
        for inputs in {*SIZES, *tier_edges(model)}:
            for outputs in (0, 1, 333):
                cost = cost_micros(recognized, input_tokens=inputs, output_tokens=outputs, at=AT)
                usage = Usage(input_tokens=inputs, output_tokens=outputs)
                expected = micros(price.calc_price(usage)["total_price"]) if sold_by_tokens else None
                assert cost == expected, (model.id, inputs, outputs)
                compared += cost is not None
    assert compared


def test_some_models_have_tiers() -> None:
    """Else the edges above would be those of nothing."""
    assert any(list(tier_edges(model)) for provider in PRICED for model in price_list(provider).models)


def test_half_a_micro_dollar_is_rounded_up() -> None:
    """gpt-4o: 2.50 USD a million input tokens, 10 USD output; one input token is 2.5 micro-dollars."""
    recognized = recognize("api.openai.com", "gpt-4o")
    assert recognized is not None
    costs = [cost_micros(recognized, input_tokens=n, output_tokens=0, at=AT) for n in range(4)]
    assert costs == [0, 3, 5, 8]


@pytest.mark.parametrize(
    ("host", "model"),
    [
        ("api.openai.com", None),
        ("api.openai.com", "a-model-nobody-knows"),
        ("api.githubcopilot.com", "gpt-4o"),
        ("api.groq.com", "whisper-large-v3"),
    ],
)
def test_without_a_price_there_is_no_cost(host: str, model: str | None) -> None:
    recognized = recognize(host, model)
    assert recognized is not None
    assert recognized.model == (model or UNKNOWN_MODEL)
    assert cost_micros(recognized, input_tokens=10**6, output_tokens=10**6, at=AT) is None


@pytest.mark.parametrize(
    ("host", "reported", "provider", "model"),
    [
        ("api.openai.com", "gpt-4o-2024-08-06", "openai", "gpt-4o"),
        ("api.anthropic.com", "claude-3-5-sonnet-20241022", "anthropic", "claude-3-5-sonnet"),
        ("my-company.openai.azure.com", "gpt-4o", "azure", "gpt-4o"),
        ("europe-west1-aiplatform.googleapis.com", "gemini-1.5-pro-002", "vertex", "gemini-1.5-pro"),
    ],
)
def test_a_dated_name_is_counted_as_its_model(host: str, reported: str, provider: str, model: str) -> None:
    recognized = recognize(host, reported)
    assert recognized is not None
    assert (recognized.provider, recognized.model) == (provider, model)
    assert recognized.price is not None


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.id)
def test_every_host_of_a_provider_is_its_own(provider: KnownProvider) -> None:
    for pattern in provider.hosts:
        host = pattern.replace("*", "some-name")
        for spelled in (host, host.upper(), f"{host}."):
            found = provider_of(spelled)
            assert found is not None
            assert found.id == provider.id


LOOK_ALIKES = [
    "api.openai.com.evil.test",
    "evilapi.openai.com",
    "evil-api.openai.com",
    "xapi.openai.com",
    "api.openai.co",
    "api-openai.com",
    "openai.com",
    "api.openai.com:443",
    "https://api.openai.com",
    "api.openai.com/",
    "api.openai.com ",
    "*",
    "*.openai.azure.com.evil.test",
    ".openai.azure.com",
    "openai.azure.com",
    "evilopenai.azure.com",
    "maps.googleapis.com",
    "evilaiplatform.googleapis.com",
    "-aiplatform.googleapis.com",
    "bedrock-runtime.eu-west-1.amazonaws.com.evil.test",
    "bedrock-runtime..amazonaws.com",
    "bedrock-runtime.amazonaws.com",
    "claude.ai.evil.test",
    "notclaude.ai",
    "\u0430pi.openai.com",
    "",
    ".",
]


@pytest.mark.parametrize("host", LOOK_ALIKES)
def test_a_look_alike_is_nobody_s(host: str) -> None:
    assert provider_of(host) is None
    assert recognize(host, "gpt-4o") is None


@given(st.sampled_from([(p, pattern) for p in PROVIDERS for pattern in p.hosts]), LABEL, LABEL)
def test_a_host_under_another_s_domain_is_nobody_s(known: tuple[Any, str], star: str, other: str) -> None:
    _, pattern = known
    host = pattern.replace("*", star)
    assert matcher(pattern)(host)
    assert provider_of(f"{host}.{other}.test") is None
    assert provider_of(f"{host}{other}") is None or "*" in pattern
    if "*" not in pattern and not pattern.endswith(
        (".cursor.sh", ".githubcopilot.com", "aiplatform.googleapis.com")
    ):
        assert provider_of(f"{other}{host}") is None
        assert provider_of(f"{other}.{host}") is None
