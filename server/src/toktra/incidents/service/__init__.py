"""Incidents are opened, by policies or by hand; people take them on, speak of them, and resolve them."""

from toktra.incidents.service.opening import NewIncident, OpenedIncident, open_incident
from toktra.incidents.service.working import IncidentChanges, change, comment, create, link, unlink

__all__ = [
    "IncidentChanges",
    "NewIncident",
    "OpenedIncident",
    "change",
    "comment",
    "create",
    "link",
    "open_incident",
    "unlink",
]
