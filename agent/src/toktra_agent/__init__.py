"""The device agent: sees connections to LLM hosts, counts bytes, enforces hard caps; never reads content."""

VERSION = "0.1.0"
