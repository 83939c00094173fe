"""What the agent decides, without a socket, a file or a clock: bytes and instants in, values out."""
