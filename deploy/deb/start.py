"""Starts the agent with the packages that came with it, and with no others."""

import sys

sys.path.insert(0, "/usr/lib/toktra-agent/site-packages")

from toktra_agent.cli import main

main()
