"""Toktra's server: usage events in, ledgers kept, questions answered."""

from importlib.metadata import version

__version__ = version("toktra")
