"""Makes the demo organisation and says what `toktra bootstrap --json` would say of it.

`python -m e2e.browser.demo [PEOPLE DAYS]`; small, where nothing is said.
"""

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
from toktra.personal.storage import migrate as migrate_personal

SMALL = (40, 30)


async def make(settings: Settings, databases: Databases, people: int, days: int) -> Record:
    """The organisation and its history, through the same steps as `toktra demo`."""
    engine = make_engine(databases.corporate, pool_size=5)
    try:
        return await prepare(engine, settings, Console(stderr=True, quiet=True), people=people, days=days)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    settings = from_environment()
    databases = locate(settings)
    migrate(databases)
    migrate_personal(databases.personal_owner)
    people, days = map(int, sys.argv[1:3]) if len(sys.argv) > 2 else SMALL
    made = asyncio.run(make(settings, databases, people, days))
    (admin,) = (one.email for one in made.sign_ins if one.role == "admin")
    said = Bootstrapped(str(made.org_id), admin, made.password, made.api_key)
    sys.stdout.write(msgspec.json.encode(said).decode())
