"""Letting the device in, and keeping it in: enrolment with a token, and the certificate's renewal.

L1: the key is made here and stays here; what goes to the server is a signing request.
L2: a refused enrolment leaves what was there before as it was.
"""

import platform
import socket
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from toktra_agent import VERSION
from toktra_agent.core.certificate import due_at
from toktra_agent.server.contact import (
    UNANSWERED,
    Contact,
    checked_address,
    client_for,
    sentence_of,
    unanswered,
)
from toktra_agent.store import keys
from toktra_agent.store.folder import prepare
from toktra_agent.store.keys import Identity
from toktra_wire.identity import new_key, signing_request

_LONGEST_NAME = 100


class NotLetIn(Exception):
    """The server did not let the device in. The message says why, and what to do."""


class _Enrolled(Struct):
    device_id: str
    certificate: str
    ca_certificate: str
    issuer: str


async def enroll(folder: Path, *, server: str, token: str, email: str, insecure: bool = False) -> Identity:
    """Enrol this device for a user. Raises NotLetIn, WrongAddress or FolderUnusable, each a sentence."""
    address, user = checked_address(server, insecure=insecure), email.strip()
    prepare(folder)
    key = new_key()
    body = {
        "token": token.strip(),
        "csr": signing_request(key, hostname()),
        "hostname": hostname(),
        "platform": f"{platform.system()} {platform.release()}"[:_LONGEST_NAME],
        "agent_version": VERSION,
        "user_email": user,
    }
    async with client_for(address, Contact(lambda: datetime.now(UTC))) as client:
        try:
            found = _enrolled(await client.post("/v1/devices/enroll", json=body))
        except UNANSWERED as failure:
            raise NotLetIn(
                f"{unanswered(failure, client)} Check the address and the network, then try again."
            ) from failure
    identity = Identity(address, found.device_id, found.issuer, user, found.certificate, found.ca_certificate)
    return keys.save(folder, identity, key)


async def renew_if_due(
    client: httpx2.AsyncClient, folder: Path, identity: Identity, *, now: datetime
) -> Identity:
    """A new certificate for the same key, at two thirds of the life of the present one. Raises NotLetIn."""
    if now < due_at(identity.certificate):
        return identity
    body = {"csr": signing_request(keys.load_key(folder, identity), hostname())}
    found = _enrolled(await client.post("/v1/devices/me/certificate", json=body))
    renewed = replace(identity, certificate=found.certificate, ca_certificate=found.ca_certificate)
    keys.rewrite(folder, renewed)
    return renewed


def hostname() -> str:
    """This device's name, as its owner knows it."""
    return socket.gethostname()[:_LONGEST_NAME] or "device"


def _enrolled(response: httpx2.Response) -> _Enrolled:
    try:
        found = msgspec.json.decode(response.content if response.is_success else b"", type=_Enrolled)
        due_at(found.certificate)
    except msgspec.MsgspecError as none:
        raise NotLetIn(sentence_of(response)) from none
    except ValueError as none:
        raise NotLetIn("The server gave no certificate that can be read. Tell your admin.") from none
    return found
