"""How the demo's people use AI: which services, how much, from when. Pure; drawn once from a seed."""

import random
from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from toktra.demo.company import Person
from toktra.demo.rules import Habits, Pool, Service, multipliers

_OPENAI, _ANTHROPIC = "api.openai.com", "api.anthropic.com"
_AZURE, _VERTEX = "aurora.openai.azure.com", "europe-west4-aiplatform.googleapis.com"
_CHAT, _MESSAGES, _GENERATE = "/v1/chat/completions", "/v1/messages", "/v1/models/generateContent"

# Provider: its share of people, and its models with their weights.
_PROVIDERS: tuple[tuple[float, tuple[tuple[Service, float], ...]], ...] = (
    (
        0.38,
        (
            (Service(_OPENAI, _CHAT, "gpt-5"), 5),
            (Service(_OPENAI, _CHAT, "gpt-5-mini"), 4),
            (Service(_OPENAI, _CHAT, "gpt-4o"), 3),
        ),
    ),
    (
        0.27,
        (
            (Service(_ANTHROPIC, _MESSAGES, "claude-sonnet-4-5"), 6),
            (Service(_ANTHROPIC, _MESSAGES, "claude-haiku-4-5"), 3),
            (Service(_ANTHROPIC, _MESSAGES, "claude-opus-4-1"), 1),
            (Service(_ANTHROPIC, _MESSAGES, "claude-3-5-sonnet"), 1),
        ),
    ),
    (
        0.22,
        (
            (Service(_AZURE, _CHAT, "gpt-4o"), 5),
            (Service(_AZURE, _CHAT, "gpt-4.1"), 3),
            (Service(_AZURE, _CHAT, "gpt-4o-mini"), 3),
        ),
    ),
    (
        0.13,
        (
            (Service(_VERTEX, _GENERATE, "gemini-2.5-pro"), 4),
            (Service(_VERTEX, _GENERATE, "gemini-2.5-flash"), 5),
            (Service(_VERTEX, _GENERATE, "gemini-1.5-pro"), 1),
        ),
    ),
)
# A person's first choice, the second of the same provider, and one of another provider.
_WEIGHTS = (0.62, 0.22, 0.16)
SERVICES = tuple(service for _, models in _PROVIDERS for service, _ in models)


def habits_of(
    people: Sequence[Person], pools: Mapping[bool, Pool], *, seed: str, since: date
) -> list[Habits]:
    """The habits of each person. `pools` is keyed by whether someone writes code."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    return [
        Habits(
            seed=f"{seed}/{number}",
            zone=ZoneInfo(person.zone),
            pool=pools[person.writes_code],
            multiplier=multiplier,
            services=_services(rng),
            weights=_WEIGHTS,
            since=since,
        )
        for number, (person, multiplier) in enumerate(zip(people, multipliers(rng, len(people)), strict=True))
    ]


def _services(rng: random.Random) -> tuple[Service, ...]:
    own, other = _two_providers(rng)
    first = _model(rng, own)
    second = _model(rng, tuple(model for model in own if model[0] != first))
    return first, second, _model(rng, other)


def _two_providers(rng: random.Random) -> list[tuple[tuple[Service, float], ...]]:
    left = list(_PROVIDERS)
    chosen = []
    for _ in range(2):
        provider = rng.choices(left, [share for share, _ in left])[0]
        left.remove(provider)
        chosen.append(provider[1])
    return chosen


def _model(rng: random.Random, models: tuple[tuple[Service, float], ...]) -> Service:
    return rng.choices([service for service, _ in models], [weight for _, weight in models])[0]
