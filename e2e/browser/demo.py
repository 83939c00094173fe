"""Makes the demo organisation, small, and says what `toktra bootstrap --json` would say of it."""

import asyncio
import sys

import msgspec
from rich.console import Console

from toktra.bootstrap import Bootstrapped
from toktra.demo.prepare import prepare
from toktra.demo.record import Record
from toktra.kit.database import Databases, locate, make_engine
from toktra.kit.settings import Settings, from_environment
from toktra.migrations import migrate

PEOPLE, DAYS = 40, 30


async def make(settings: Settings, databases: Databases) -> Record:
    """The organisation and its history, through the same steps as `toktra demo`."""
    engine = make_engine(databases.corporate, pool_size=5)
    try:
        return await prepare(engine, settings, Console(stderr=True, quiet=True), people=PEOPLE, days=DAYS)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    settings = from_environment()
    databases = locate(settings)
    migrate(databases)
    made = asyncio.run(make(settings, databases))
    (admin,) = (one.email for one in made.sign_ins if one.role == "admin")
    said = Bootstrapped(str(made.org_id), admin, made.password, made.api_key)
    sys.stdout.write(msgspec.json.encode(said).decode())
