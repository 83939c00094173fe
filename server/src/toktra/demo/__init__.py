"""The demo organisation, the replay of real traces, and an organisation's usage live in the terminal."""
