"""Alerts come to be, are acknowledged, and are resolved: by people, or by themselves."""

from toktra.alerts.service.acting import acknowledge, resolve
from toktra.alerts.service.storing import NewAlert, recover, store

__all__ = ["NewAlert", "acknowledge", "recover", "resolve", "store"]
