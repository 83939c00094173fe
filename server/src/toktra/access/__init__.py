"""Who is calling, and what they may do: sign-in, sessions, API keys, OAuth clients, the rate limit."""
