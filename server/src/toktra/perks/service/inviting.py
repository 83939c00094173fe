"""The invitation: what Token Perks is, in a mail, with the way to it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.errors import NotFound
from toktra.notify.service.mails import Letter
from toktra.people import queries as people
from toktra.perks import queries


async def invitation(
    session: AsyncSession, *, org_id: UUID, enrollment_id: UUID, public_url: str
) -> Letter | None:
    """What is to be sent now, or None if nobody waits for it any more."""
    try:
        found = await queries.enrollment(session, org_id=org_id, enrollment_id=enrollment_id)
    except NotFound:
        return None
    if found.enrollment.state != "invited" or found.user.status != "active":
        return None
    organization = await people.organization(session, org_id=org_id)
    return Letter(
        name=f"perks.{found.enrollment.id.hex}.{found.enrollment.invited_at:%Y%m%d%H%M%S}",
        user=found.user,
        title=f"{organization.name} gives you a personal AI allowance",
        facts=[
            ("Each month", f"{found.tier.monthly_tokens:,} tokens, for your own use of AI"),
            ("What your employer sees", "That you take part, and figures of five people or more."),
            (
                "What your employer does not see",
                "What you use it for, when and how much.",
            ),
            ("What you can do", "Open the link, read the notice, and opt in. Or leave it."),
        ],
        see=f"{public_url}/perks",
        why=f"You get this since an admin of {organization.name} enrolled you in Token Perks.",
        off=None,
    )
