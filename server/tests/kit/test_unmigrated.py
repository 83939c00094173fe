"""A server on a database that was not migrated says so, and does not fall over."""

import asyncio

import httpx2
import psycopg

from toktra.app import build
from toktra.kit.database import Databases, conninfo
from toktra.kit.edge import RequestLog
from toktra.kit.settings import Settings
from toktra_wire.ids import new_id


async def test_health_says_to_migrate(database: Databases) -> None:
    name = f"empty_{new_id().hex}"
    owner = database.owner.set(username="postgres")
    with psycopg.connect(conninfo(owner), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    settings = Settings(
        database_url=conninfo(owner.set(database=name)), secret_key="x" * 40, log_level="error"
    )
    app = build(settings)
    async with app.lifespan():
        transport = httpx2.ASGITransport(app=RequestLog(app))
        async with httpx2.AsyncClient(transport=transport, base_url="http://toktra.test") as client:
            health = await client.get("/v1/health")
            await asyncio.sleep(0.05)
            usage = await client.get("/v1/usage", headers={"Authorization": "Bearer tk_key_unknown"})
    assert health.status_code == 503
    assert "toktra migrate" in health.json()["problems"][0]
    assert usage.status_code == 503
