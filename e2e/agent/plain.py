"""The provider without TLS, beside the other: `python -m e2e.agent.plain ADDRESS` listens at its port 80."""

import socket
import sys
import threading

from e2e.agent.provider import Counted, serve_http1


def main(address: str) -> None:
    """Serve until killed."""
    listening = socket.create_server((address, 80))
    print("ready", flush=True)
    while True:
        accepted, _ = listening.accept()
        threading.Thread(target=serve, args=(accepted,), daemon=True).start()


def serve(accepted: socket.socket) -> None:
    with accepted:
        serve_http1(Counted(accepted))


if __name__ == "__main__":
    main(*sys.argv[1:])
