"""A local TLS server under the names of LLM hosts. It writes down every connection, and the bytes of it.

`python -m e2e.agent.provider CHAIN KEY NOTES ADDRESS...`: listens at port 443 of each address. NOTES gets a
line of JSON when a connection is accepted, and one when it is over: host, bytes got and sent inside TLS.
"""

import json
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events

from e2e.agent.answers import Answer, answer

Note = Callable[[dict[str, Any]], None]
_PIECE_SECONDS = 0.001


def main(chain: str, key: str, notes: str, *addresses: str) -> None:
    """Serve until killed."""
    lock, names = threading.Lock(), dict[int, str]()

    def note(line: dict[str, Any]) -> None:
        with lock, Path(notes).open("a") as out:
            out.write(json.dumps(line) + "\n")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.sni_callback = lambda made, name, _: names.__setitem__(id(made), name or "")
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listening = socket.create_server((address, 443), family=family, backlog=128)
        threading.Thread(target=accept, args=(listening, context, names, note)).start()
    print("ready", flush=True)


def accept(listening: socket.socket, context: ssl.SSLContext, names: dict[int, str], note: Note) -> None:
    """A thread for each connection."""
    while True:
        raw, _ = listening.accept()
        note({"accepted": True})
        threading.Thread(target=serve, args=(raw, context, names, note), daemon=True).start()


def serve(raw: socket.socket, context: ssl.SSLContext, names: dict[int, str], note: Note) -> None:
    """One connection, until the client leaves."""
    try:
        tls = context.wrap_socket(raw, server_side=True)
    except OSError:
        return
    counted = Counted(tls)
    alpn = tls.selected_alpn_protocol() or "http/1.1"
    try:
        (serve_http2 if alpn == "h2" else serve_http1)(counted)
    except OSError:
        pass
    finally:
        tls.close()
        host = names.pop(id(tls), "")
        note({"host": host, "got": counted.got, "sent": counted.sent, "alpn": alpn, "tls": tls.version()})


class Counted:
    """A connection whose bytes are counted: inside TLS, where it is one."""

    def __init__(self, tls: socket.socket) -> None:
        self._tls = tls
        self.got = self.sent = 0

    def receive(self) -> bytes:
        got = self._tls.recv(65_536)
        self.got += len(got)
        return got

    def send(self, out: bytes) -> None:
        self._tls.sendall(out)
        self.sent += len(out)


def serve_http1(counted: Counted) -> None:
    """Requests one after another, as long as the client likes."""
    came = b""
    while True:
        while b"\r\n\r\n" not in came:
            if not (more := counted.receive()):
                return
            came += more
        head, _, came = came.partition(b"\r\n\r\n")
        size = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        if b"100-continue" in head:
            counted.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        while len(came) < size:
            if not (more := counted.receive()):
                return
            came += more
        send_http1(counted, answer(head.split(b" ")[1].decode(), came[:size]))
        came = came[size:]


def send_http1(counted: Counted, said: Answer) -> None:
    """Whole, or chunk by chunk."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {said.kind}\r\n"
    if not said.streamed:
        counted.send(f"{head}Content-Length: {len(said.body)}\r\n\r\n".encode() + said.body)
        return
    counted.send(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
    for piece in said.pieces:
        counted.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        time.sleep(_PIECE_SECONDS)
    counted.send(b"0\r\n\r\n")


def serve_http2(counted: Counted) -> None:
    """HTTP/2, by h2."""
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    connection.initiate_connection()
    counted.send(connection.data_to_send())
    paths, bodies, waiting = dict[int, str](), dict[int, bytearray](), dict[int, bytes]()
    while came := counted.receive():
        for event in connection.receive_data(came):
            match event:
                case h2.events.RequestReceived(stream_id=stream, headers=headers):
                    paths[stream] = next(text(value) for name, value in headers if text(name) == ":path")
                    bodies[stream] = bytearray()
                case h2.events.DataReceived(stream_id=stream, data=piece, flow_controlled_length=size):
                    bodies[stream] += piece
                    connection.acknowledge_received_data(size, stream)
                case h2.events.StreamEnded(stream_id=stream):
                    said = answer(paths[stream], bytes(bodies[stream]))
                    length = str(len(said.body))
                    fields = {":status": "200", "content-type": said.kind, "content-length": length}
                    connection.send_headers(stream, list(fields.items()))
                    waiting[stream] = said.body
        send_waiting(connection, waiting)
        counted.send(connection.data_to_send())


def send_waiting(connection: h2.connection.H2Connection, waiting: dict[int, bytes]) -> None:
    """As much of each answer as the client's windows allow."""
    for stream, body in list(waiting.items()):
        room = connection.local_flow_control_window(stream)
        now, body = body[:room], body[room:]
        largest = connection.max_outbound_frame_size
        for at in range(0, len(now), largest):
            connection.send_data(stream, now[at : at + largest])
        waiting[stream] = body
        if not body:
            connection.end_stream(stream)
            del waiting[stream]


def text(one: bytes | str) -> str:
    return one.decode() if isinstance(one, bytes) else one


if __name__ == "__main__":
    main(*sys.argv[1:])
