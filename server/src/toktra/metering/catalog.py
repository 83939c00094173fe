"""Which host belongs to which provider, which model a name stands for, and what it costs.

Prices and model names come from genai-prices. Host patterns are our own list, since a device must watch
exactly the hosts of LLMs: a pattern such as *.googleapis.com would cover e-mail and maps too.

X1: costs are whole micro-units (1 USD = 1,000,000), rounded half up once per event.
X2: a model without a known price has no cost; it is counted as unpriced, never as free.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

import genai_prices
from genai_prices import data_snapshot
from genai_prices.types import ModelInfo, ModelPrice, Provider, TieredPrices

from toktra_wire.hosts import matcher

UNKNOWN_MODEL = "unknown"
PRICE_VERSION = f"genai-prices {genai_prices.__version__}"


@dataclass(frozen=True, slots=True)
class KnownProvider:
    """A provider as Toktra names it, with its hosts and its id in genai-prices (None: no list prices)."""

    id: str
    name: str
    hosts: tuple[str, ...]
    prices_id: str | None


PROVIDERS: tuple[KnownProvider, ...] = (
    KnownProvider("openai", "OpenAI", ("api.openai.com", "chatgpt.com", "chat.openai.com"), "openai"),
    KnownProvider("anthropic", "Anthropic", ("api.anthropic.com", "claude.ai"), "anthropic"),
    KnownProvider(
        "azure",
        "Azure OpenAI",
        ("*.openai.azure.com", "*.services.ai.azure.com"),
        "azure",
    ),
    KnownProvider(
        "vertex", "GCP Vertex AI", ("aiplatform.googleapis.com", "*-aiplatform.googleapis.com"), "google"
    ),
    KnownProvider(
        "google", "Google Gemini", ("generativelanguage.googleapis.com", "gemini.google.com"), "google"
    ),
    KnownProvider("aws", "AWS Bedrock", ("bedrock-runtime.*.amazonaws.com",), "aws"),
    KnownProvider("github-copilot", "GitHub Copilot", ("api.githubcopilot.com", "*.githubcopilot.com"), None),
    KnownProvider("mistral", "Mistral", ("api.mistral.ai", "chat.mistral.ai"), "mistral"),
    KnownProvider("groq", "Groq", ("api.groq.com",), "groq"),
    KnownProvider("cohere", "Cohere", ("api.cohere.com", "api.cohere.ai"), "cohere"),
    KnownProvider("deepseek", "DeepSeek", ("api.deepseek.com", "chat.deepseek.com"), "deepseek"),
    KnownProvider("x-ai", "xAI", ("api.x.ai", "grok.com"), "x-ai"),
    KnownProvider("perplexity", "Perplexity", ("api.perplexity.ai", "www.perplexity.ai"), "perplexity"),
    KnownProvider("openrouter", "OpenRouter", ("openrouter.ai",), "openrouter"),
    KnownProvider("together", "Together AI", ("api.together.xyz",), "together"),
    KnownProvider("fireworks", "Fireworks", ("api.fireworks.ai",), "fireworks"),
    KnownProvider("cerebras", "Cerebras", ("api.cerebras.ai",), "cerebras"),
    KnownProvider("huggingface", "Hugging Face", ("router.huggingface.co",), None),
    KnownProvider("moonshotai", "Moonshot AI", ("api.moonshot.ai", "api.moonshot.cn"), "moonshotai"),
    KnownProvider("cursor", "Cursor", ("api2.cursor.sh", "*.cursor.sh"), None),
)
PROVIDER_NAMES = {provider.id: provider.name for provider in PROVIDERS}
_BY_ID = {provider.id: provider for provider in PROVIDERS}


@lru_cache(maxsize=4096)
def provider_of(host: str) -> KnownProvider | None:
    """The provider a host belongs to; None for a host that is not an LLM's."""
    plain = host.lower().rstrip(".")
    return next((p for p in PROVIDERS if any(matcher(pattern)(plain) for pattern in p.hosts)), None)


@dataclass(frozen=True, slots=True)
class Recognized:
    """A provider's model: the name it is counted under, and its price where one is known."""

    provider: str
    model: str
    price: ModelInfo | None


@lru_cache(maxsize=16_384)
def recognize(host: str, reported_model: str | None) -> Recognized | None:
    """What a host and a reported model name stand for; None for a host that is not an LLM's."""
    provider = provider_of(host)
    return None if provider is None else _recognize(provider, reported_model)


@lru_cache(maxsize=16_384)
def recognize_at(provider_id: str, reported_model: str | None) -> Recognized | None:
    """What a provider's id and a reported model name stand for; None for an unknown provider."""
    provider = _BY_ID.get(provider_id)
    return None if provider is None else _recognize(provider, reported_model)


def _recognize(provider: KnownProvider, reported_model: str | None) -> Recognized:
    if reported_model is None:
        return Recognized(provider.id, UNKNOWN_MODEL, None)
    prices = _price_list(provider)
    found = (
        prices.find_model(reported_model, all_providers=data_snapshot.get_snapshot().providers)
        if prices
        else None
    )
    return Recognized(provider.id, found.id if found else reported_model, found)


def _price_list(provider: KnownProvider) -> Provider | None:
    providers = data_snapshot.get_snapshot().providers
    return next((p for p in providers if p.id == provider.prices_id), None)


@dataclass(frozen=True, slots=True)
class _Rates:
    """Prices above a number of input tokens, in units of 1e-12 USD: per token, and per request."""

    above_input_tokens: int
    input: int
    output: int
    request: int


def cost_micros(recognized: Recognized, *, input_tokens: int, output_tokens: int, at: datetime) -> int | None:
    """What a request costs at list prices, in micro-USD; None where there is no price (X1, X2)."""
    if recognized.price is None:
        return None
    for rates in _rates(recognized.price.get_prices(at)):
        if input_tokens > rates.above_input_tokens:
            return (
                input_tokens * rates.input + output_tokens * rates.output + rates.request + _HALF
            ) // _PER_MICRO
    return None


_PER_MICRO = 1_000_000
_HALF = _PER_MICRO // 2
_RATES: dict[int, tuple[_Rates, ...]] = {}


def _rates(price: ModelPrice) -> tuple[_Rates, ...]:
    """A price list as integers, highest tier first. Price objects live as long as the process."""
    known = _RATES.get(id(price))
    if known is None:
        known = _RATES[id(price)] = tuple(_rates_at(price, start) for start in _starts(price))
    return known


def _starts(price: ModelPrice) -> list[int]:
    """Where the tiers begin, highest first; none for what is not sold by tokens, such as speech."""
    if price.input_mtok is None and price.output_mtok is None:
        return []
    return sorted({-1, *_tier_starts(price.input_mtok), *_tier_starts(price.output_mtok)}, reverse=True)


def _rates_at(price: ModelPrice, start: int) -> _Rates:
    return _Rates(
        start,
        input=_at_tier(price.input_mtok, start),
        output=_at_tier(price.output_mtok, start),
        request=_at_tier(price.requests_kcount, start) * 1000,
    )


def _tier_starts(price: Decimal | TieredPrices | None) -> list[int]:
    return [tier.start for tier in price.tiers] if isinstance(price, TieredPrices) else []


def _at_tier(price: Decimal | TieredPrices | None, start: int) -> int:
    """A price per million above `start` input tokens: crossing a tier applies its rate to every token."""
    if isinstance(price, TieredPrices):
        reached = [tier.price for tier in price.tiers if tier.start <= start]
        price = reached[-1] if reached else price.base
    return int(((price or Decimal(0)) * _PER_MICRO).to_integral_value())
