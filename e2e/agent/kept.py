"""A program that keeps its connection to an LLM host: `python -m e2e.agent.kept AUTHORITY PROXY_PORT`.

For each line of standard input, a number, it sends a request with so many bytes, and says what came. A port
of 0 means no proxy.
"""

import http.client
import ssl
import sys
import time

HOST = "api.openai.com"


def main(authority: str, port: str) -> None:
    """Until there is no more input."""
    trusted = ssl.create_default_context(cafile=authority)
    if int(port):
        connection = http.client.HTTPSConnection("127.0.0.1", int(port), context=trusted, timeout=20)
        connection.set_tunnel(HOST, 443)
    else:
        connection = http.client.HTTPSConnection(HOST, context=trusted, timeout=20)
    _connect(connection)
    connection.auto_open = 0
    for line in sys.stdin:
        try:
            connection.request("POST", "/bytes/500", body=b"x" * int(line))
            print(len(connection.getresponse().read()), flush=True)
        except (OSError, http.client.HTTPException) as ended:
            print(type(ended).__name__, flush=True)
            return


def _connect(connection: http.client.HTTPSConnection) -> None:
    """Let in, if not at once: on a busy machine the first answers of the server come too late."""
    for _ in range(30):
        try:
            return connection.connect()
        except OSError as refused:
            if "403" not in str(refused):
                raise
            time.sleep(0.5)
    raise TimeoutError("it was not let in")


if __name__ == "__main__":
    main(*sys.argv[1:])
