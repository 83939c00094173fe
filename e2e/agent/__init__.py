"""The device agent with a real server, real clients and real networks."""
