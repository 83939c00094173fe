"""Fit the estimator's parameters to exchanges whose tokens are known. The same rows give the same bytes.

F1: a cell is a robust regression in logarithms (least absolute deviations), drawn towards the cell that would answer
    if it did not exist, so that few rows move it little.
F2: the intervals come from rows that the fit had not seen: near-duplicates always share a fold.
F3: slopes stay within bounds, so that E2 of the estimator holds and sizes never seen give no absurd answers.
"""

import argparse
import hashlib
import itertools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf, log1p
from pathlib import Path

import msgspec

from toktra_wire.error_table import Exchange, Unreadable, read
from toktra_wire.estimator import (
    Cell,
    FamilyRule,
    Knots,
    ModelRule,
    Parameters,
    Target,
    Traits,
    best_cell,
    features,
    load,
    traits_of,
    weight,
)

FOLDS = 5
_LEAST_ROWS = 4
_PULL = 1.0  # weight of the prior against rows whose residual is 1
_CLOSE = 0.05  # residuals below this count as equal: tokens are whole numbers
_ROUNDS = 12
_SWEEPS = 6
_HALF = 8  # rows at which a cell's own quantiles weigh as much as its parent's

RULES = Parameters(
    version="",
    fitted_on="",
    hosts=["*aiplatform.googleapis.com", "bedrock-runtime.*", "bedrock-mantle.*", "*.openai.azure.com", "*.snowflakecomputing.com"],
    families=[
        FamilyRule("embeddings", ["embed"], streaming=False),
        FamilyRule("openai-responses", ["/responses"]),
        FamilyRule("openai-chat", ["chat/completions"]),
        FamilyRule("anthropic-messages", ["/messages", "/invoke"]),
        FamilyRule("gemini", ["streamgeneratecontent"], streaming=True),
        FamilyRule("gemini", ["generateco"], streaming=False),
        FamilyRule("bedrock-converse", ["/converse-stream"], streaming=True),
        FamilyRule("bedrock-converse", ["/converse"], streaming=False),
    ],
    models=[
        ModelRule("claude", ["claude"]),
        ModelRule("gpt-oss", ["gpt-oss"]),
        ModelRule("gpt-5.x", ["gpt-5."], hides=True),
        ModelRule("gpt-5", ["gpt-5"], hides=True),
        ModelRule("gpt-4", ["gpt-4", "gpt-3"]),
        ModelRule("gemini-3", ["gemini-3"], hides=True),
        ModelRule("gemini-2.5", ["gemini-2.5"], hides=True),
        ModelRule("gemini", ["gemini"]),
        ModelRule("nova", ["nova-"]),
        ModelRule("llama", ["llama"]),
        ModelRule("mistral", ["mistral", "pixtral", "magistral"]),
        ModelRule("deepseek", ["deepseek"]),
        ModelRule("qwen", ["qwen"]),
        ModelRule("glm", ["glm"]),
        ModelRule("o-series", ["o1", "o3", "o4"], hides=True),
    ],
    hiding_hosts=["api.openai.com", "*.openai.azure.com", "openrouter.ai", "generativelanguage.googleapis.com", "*aiplatform.googleapis.com"],
    knots={
        "input": Knots(
            request=[64, 110, 160, 230, 330, 400, 500, 700, 1000, 1500, 2200, 4000, 1e4, 3e4, 2e5, 1e7],
            response=[200, 400, 600, 1000, 2000, 6000, 2e4, 1e7],
            events=[],
        ),
        "output": Knots(
            request=[],
            response=[200, 300, 350, 400, 450, 500, 560, 630, 700, 800, 1000, 1400, 2000, 4000, 1e4, 4e4, 1e7],
            events=[2, 10, 50, 1000],
        ),
    },
    cells=[],
)

Attribute = str | bool
Key = tuple[tuple[str, Attribute], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One exchange as the regression sees it: `at` and `height` are its columns that are not zero."""

    traits: Traits
    at: list[int]
    height: list[float]
    actual: float


def rows_of(exchanges: Sequence[Exchange], target: Target) -> list[Row]:
    return [_row(exchange, target) for exchange in exchanges]


def _row(exchange: Exchange, target: Target) -> Row:
    sizes = [exchange.request_bytes, exchange.response_bytes, exchange.sse_events]
    if exchange.stream:
        t = traits_of(RULES, exchange.host, exchange.path, True, None, framed=True)
        ob, oe = OVER.get(t.family, (0, 0))
        if target == "output":
            sizes[1] = max(0, sizes[1] - ob); sizes[2] = max(0, sizes[2] - oe)
        else:
            sizes[1] = int(max(0,sizes[1]-ob) * SHARE.get(t.family, .1)) if SHARE else int(sizes[1]*STREAMIN)
    climbed = [1.0, *itertools.chain.from_iterable(features(RULES.knots[target], sizes))]
    at = [place for place, height in enumerate(climbed) if height]
    tokens = exchange.input_tokens if target == "input" else exchange.output_tokens
    traits = traits_of(
        RULES, exchange.host, exchange.path, exchange.stream, exchange.model, framed=exchange.sse_events > 0
    )
    return Row(traits, at, [climbed[place] for place in at], log1p(tokens))


def keys(traits: Traits, target: Target) -> list[Key]:
    known = [(n, v) for n in WEIGHTS[target] if (v := getattr(traits, n)) is not None and (n != "framed" or v)]
    picks = itertools.chain.from_iterable(itertools.combinations(known, size) for size in range(len(known) + 1))
    return [p for p in picks if "family" in dict(p) or "model" not in dict(p)]


def bounds(target: Target):
    knots = RULES.knots[target]
    out = [(-inf, inf)]
    for ks in (knots.request, knots.response, knots.events):
        for a, b in itertools.pairwise(ks):
            out.append((0.0, 1.0 if a >= 10000 else 6.0))
    return out


def descend(rows, prior, limits):
    b = list(prior)
    PL[:] = [PULL[True]] + [PULL[False]] * (len(b) - 1)
    if FP and PULL is FPON:
        n = NR(); PL[:] = [FP['b']] + [FP['q']] * n + [FP['r']] * 16 + [FP['e']] * (len(b) - 17 - n)
    for _ in range(_ROUNDS):
        G, c = gram(rows, b, prior)
        for _ in range(_SWEEPS):
            for j, (lo, hi) in enumerate(limits):
                g = G[j]
                if g[j] == PL[j]:
                    continue
                s = c[j] - sum(map(mul, g, b)) + g[j] * b[j]
                b[j] = min(max(s / g[j], lo), hi)
    return b

PULL = {True: .3, False: 1.0}
from operator import mul
def gram(rows, b, prior):
    p = len(b)
    G = [[0.0] * p for _ in range(p)]
    c = [PL[j] * prior[j] for j in range(p)]
    for row in rows:
        at, height = row.at, row.height
        fit = 0.0
        for j, h in zip(at, height, strict=False): fit += b[j] * h
        w = 1 / max(abs(row.actual - fit), _CLOSE)
        wy = w * row.actual
        k = 0
        for j, h in zip(at, height, strict=False):
            wh = w * h
            c[j] += wy * h
            g = G[j]
            k += 1
            for i, u in zip(at[:k], height): g[i] += wh * u
    for j in range(p):
        for i in range(j): G[i][j] = G[j][i]
        G[j][j] += PL[j]
    return G, c


def traits_from(key): return Traits(**{**dict(family=None, host=None, streaming=None, model=None, framed=False, hides=False), **dict(key)})

def fit_cells(rows, target, least=4):
    members = {}
    for row in rows:
        for key in keys(row.traits, target): members.setdefault(key, []).append(row)
    limits = bounds(target)
    done = {}; cells = []
    for key in sorted((k for k in members if len(members[k]) >= least), key=lambda k: (len(k), str(k))):
        parent = best(cells, target, traits_from(key)) if cells else None
        fr = dict(key).get("framed")
        if parent and len(members[parent[0]]) == len(members[key]) and dict(parent[0]).get("framed") == fr: continue
        mem = members[key]
        if not fr:
            lim = 1 + sum(max(0, len(k) - 1) for k in (RULES.knots[target].request, RULES.knots[target].response))
            lo = 1 + (NR() if target == "output" and FRONLY else 0)
            def mask(r):
                z = [(a, h) for a, h in zip(r.at, r.height) if a == 0 or lo <= a < lim]
                return Row(r.traits, [a for a, _ in z], [h for _, h in z], r.actual)
            mem = [mask(r) for r in mem]
        prior = parent[1] if parent else [0.0] * len(limits)
        if NEWPRIOR and target == "output" and dict(key) == {"streaming": True}:
            prior = [-4.0] + [0.0]*NR() + [1.0]*16 + [0.0] * (len(limits) - 17 - NR())
        if NEWPRIOR and target == "output" and dict(key) == {"streaming": True, "framed": True}:
            prior = [0.0] + [0.0]*(16+NR()) + [1.0] * (len(limits) - 17 - NR())
        if NEWPRIOR and target == "output" and dict(key).get("family") in ("openai-chat", "openai-responses") and dict(key).get("framed") and len(key) == 3:
            prior = [0.0] + [0.0]*(16+NR()) + [1.0] * (len(limits) - 17 - NR())
        global FPON
        FPON = PULL if dict(key).get("framed") and dict(key).get("family") == "openai-chat" else None
        cells.append((key, descend(mem, prior, limits), len(members[key])))
        FPON = None
    return cells

def best(cells, target, traits):
    W = WEIGHTS[target]
    return max((c for c in cells if all(getattr(traits, n) == v for n, v in c[0])), key=lambda c: sum(W[n] for n, _ in c[0]))

def predict(cells, target, row):
    b = best(cells, target, row.traits)[1]
    return sum(b[j] * h for j, h in zip(row.at, row.height))
from toktra_wire.estimator import WEIGHTS

OVER = {}
STREAMIN = 1
NEWPRIOR = False

FP = {}

FRONLY = True
def NR(): return max(0, len(RULES.knots["output"].request) - 1)

PL = []; FPON = None

SHARE={}
