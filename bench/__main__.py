"""`make bench`: every measurement, its tables, and bench/results.json."""

import argparse
import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import extension, ingest, pages, policies, preflight, relay, unusual, usage

MEASUREMENTS = ("ingest", "policies", "unusual", "preflight", "usage", "pages", "relay", "extension")
RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    """Measure what was asked for, show it, keep it."""
    parser = argparse.ArgumentParser(
        prog="bench", description="Measure, print tables, write bench/results.json."
    )
    parser.add_argument("only", nargs="*", choices=[*MEASUREMENTS, []], help="default: all of them")
    parser.add_argument("--ingest-events", type=int, default=400_000)
    parser.add_argument("--policy-events", type=int, default=1_000_000)
    parser.add_argument(
        "--usage-events", type=int, default=10_000_000, help="filling 10 million takes minutes"
    )
    asked = parser.parse_args()
    wanted = asked.only or MEASUREMENTS
    measured: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.system(),
        },
    }
    if "ingest" in wanted:
        measured["ingest"] = ingest.run(asked.ingest_events)
        show_ingest(measured["ingest"])
    if "policies" in wanted:
        measured["policies"] = policies.run(asked.policy_events)
        show_policies(measured["policies"])
    if "unusual" in wanted:
        measured["unusual"] = unusual.run()
        show_unusual(measured["unusual"])
    if "preflight" in wanted:
        measured["preflight"] = preflight.run()
        show_preflight(measured["preflight"])
    if "usage" in wanted:
        measured["usage"] = usage.run(asked.usage_events)
        show_usage(measured["usage"])
    if "pages" in wanted:
        measured["pages"] = pages.run(asked.usage_events)
        show_pages(measured["pages"])
    if "relay" in wanted:
        measured["relay"] = relay.run()
        show_relay(measured["relay"])
    if "extension" in wanted:
        measured["extension"] = extension.run()
        show_extension(measured["extension"])
    RESULTS.write_text(json.dumps(measured, indent=2) + "\n")
    Console().print(
        f"Written to {RESULTS.relative_to(Path.cwd())}" if RESULTS.is_relative_to(Path.cwd()) else ""
    )


def show_extension(found: dict[str, Any]) -> None:
    """What the extension adds to a request."""
    table = Table(title="Extension: how long a request waits in the browser, before it goes out")
    for name in ("", "requests", "median ms", "95% ms", "most ms"):
        table.add_column(name, justify="right" if name else "left")
    for name, one in found.items():
        table.add_row(name, *(str(one[key]) for key in ("requests", "median_ms", "p95_ms", "most_ms")))
    Console().print(table)


def show_ingest(found: dict[str, Any]) -> None:
    """Ingest through HTTP beside raw COPY."""
    table = Table(title="Ingest: events a second, load generator and database on the same machine")
    for heading in ("path", "events/s", "of raw COPY", "memory a process"):
        table.add_column(heading, justify="left" if heading == "path" else "right")
    for name, one in found["paths"].items():
        table.add_row(
            f"POST /v1/events, {name}; {found['batch']} a batch, {found['connections']} connections, "
            f"{found['server_processes']} server processes",
            f"{one['events_per_second']:,}",
            f"{one['ratio']:.2f}",
            f"{one['server_peak_mb']:.0f} MB",
        )
    table.add_row(
        "raw COPY, same rows, same table, same size of transaction",
        f"{found['copy_events_per_second']:,}",
        "1.00",
        "",
    )
    Console().print(table)


def show_policies(found: dict[str, Any]) -> None:
    """What published policies cost ingest."""
    table = Table(
        title=f"POST /v1/events with {found['policies']} published policies, medians of {found['rounds']} "
        f"rounds in turns of {found['events_a_round']:,} events"
    )
    for heading in ("", "events/s", "of without"):
        table.add_column(heading, justify="right" if heading else "left")
    table.add_row("without policies", f"{found['without_events_per_second']:,}", "1.00")
    table.add_row("with policies", f"{found['with_events_per_second']:,}", f"{found['ratio']:.2f}")
    Console().print(table)
    tried = found["test"]
    Console().print(f"A policy tried on {tried['events']:,} events: {tried['seconds']} s")


def show_unusual(found: dict[str, Any]) -> None:
    """How well unusual usage is found."""
    table = Table(
        title=f"Unusual usage: {found['spikes']} hours of {found['people']} people multiplied, in "
        f"{found['tested_days']} days drawn from the trace"
    )
    for heading in ("past", "spike", "by", "precision", "recall", "false a week"):
        table.add_column(heading, justify="left" if heading in ("past", "spike", "by") else "right")
    for row in unusual.rows(found):
        table.add_row(*row)
    Console().print(table)


def show_preflight(found: dict[str, Any]) -> None:
    """Preflight under hard caps beside a route that decides nothing."""
    table = Table(
        title="POST /v1/preflight under three hard caps, one server process, medians of rounds in turns"
    )
    for heading in ("route", "connections", "requests/s", "of the bare route", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="left" if heading == "route" else "right")
    for connections, routes in found["connections"].items():
        for name in ("preflight", "bare"):
            ratio = routes["ratio"] if name == "preflight" else 1.0
            one = routes[name]
            latencies = (f"{one['p50_ms']:.2f}", f"{one['p99_ms']:.2f}")
            table.add_row(name, connections, f"{one['requests_per_second']:,}", f"{ratio:.2f}", *latencies)
    Console().print(table)


def show_usage(found: dict[str, Any]) -> None:
    """The usage API's latencies, and the plan of its heaviest read."""
    title = (
        f"GET /v1/usage*: {found['users']:,} users, {found['events']:,} events, one client, "
        f"each question {found['rounds']} times, the first ones among them"
    )
    table = Table(title=title)
    for heading in ("question", "p50 ms", "p95 ms", "slowest ms"):
        table.add_column(heading, justify="left" if heading == "question" else "right")
    for part in (found["questions"], found["routes"], {"all of them": found["all"]}):
        for name, times in part.items():
            table.add_row(name, *(f"{times[of]:.1f}" for of in ("p50_ms", "p95_ms", "slowest_ms")))
        table.add_section()
    table.add_row("a route that reads nothing", f"{found['bare_route_ms']:.1f}", "", "")
    console = Console()
    console.print(table)
    console.print(
        "The plan of the heaviest read, all users over 90 days:", *found["plan"], sep="\n", highlight=False
    )


def show_pages(found: dict[str, Any]) -> None:
    """What a person waits for, in Chromium."""
    table = Table(
        title=f"Pages in Chromium, until all is shown, medians of {found['rounds']}; Usage with "
        f"{found['users']:,} users and {found['events']:,} events"
    )
    for heading in ("what", "ms"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for page in ("overview", "usage"):
        for name, took in found[page].items():
            table.add_row(f"{page}: {name.removesuffix('_ms').replace('_', ' ')}", f"{took:,.0f}")
    Console().print(table)


def show_relay(found: dict[str, Any]) -> None:
    """The agent's proxy beside other relays."""
    title = (
        f"Relays, one process each, both ends on the same machine; medians of {found['rounds']} rounds in turns, "
        f"{found['at_once']} connections at once"
    )
    table = Table(title=title)
    for heading in (
        "relay",
        "MB/s",
        "connections/s",
        "small exchange ms",
        "added ms",
        "resident MB",
        "idle %",
    ):
        table.add_column(heading, justify="left" if heading == "relay" else "right")
    direct = found["relays"][relay.DIRECT]["exchange_ms"]
    for name, one in found["relays"].items():
        figures = (one["exchange_ms"], one["exchange_ms"] - direct)
        rest = [f"{one[of]:.1f}" if of in one else "" for of in ("resident_mb", "idle_percent_of_a_core")]
        rates = (f"{one['megabytes_per_second']:,.0f}", f"{one['connections_per_second']:,.0f}")
        table.add_row(name, *rates, *(f"{figure:.3f}" for figure in figures), *rest)
    Console().print(table)
    for name, how in (("HAProxy", "apt-get install haproxy"), ("mitmproxy", "make bench-peers")):
        if name not in found["relays"]:
            Console().print(f"{name} is not here, so it was not measured: {how}")


if __name__ == "__main__":
    main()
