"""The caller's own organisation."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, structs
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.kit.http import Body, Name, get, patch
from toktra.people import queries, service
from toktra.people.answers import OrganizationAnswer

Word = Annotated[str, Meta(min_length=1, max_length=100)]


class OrganizationChange(Body, frozen=True):
    """What is to be different; the time zone only as long as there is no usage."""

    name: Name | UnsetType = UNSET
    region: Annotated[Word, Meta(description="us, eu, au or ca")] | UnsetType = UNSET
    time_zone: Annotated[Word, Meta(description="An IANA name, such as Europe/Berlin")] | UnsetType = UNSET
    currency: Annotated[Word, Meta(description="USD: prices are published in USD")] | UnsetType = UNSET


@get("/v1/organization", guards=[may(Scope.PEOPLE_READ)])
async def get_organization(actor: Actor, session: AsyncSession) -> OrganizationAnswer:
    """The organisation of the caller."""
    return OrganizationAnswer.of(await queries.organization(session, org_id=actor.org_id))


@patch("/v1/organization", guards=[may(Scope.PEOPLE_WRITE)])
async def change_organization(
    data: OrganizationChange, actor: Actor, session: AsyncSession
) -> OrganizationAnswer:
    """Change what is given."""
    changed = await service.change_organization(session, org_id=actor.org_id, **structs.asdict(data))
    return OrganizationAnswer.of(changed)
