"""One request over a socket of its own, read to the last byte.

SPDX-License-Identifier: Apache-2.0
"""
import dataclasses
import json
import socket

from servers import Broken


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    size: int  # in bytes, as wrk counts it


def head(path, token=None, body=b"", keep_alive=True):
    """A request as bytes; with a body it is a POST of JSON."""
    lines = [f"{'POST' if body else 'GET'} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    if not keep_alive:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode() + body


def content_length(text):
    for line in text.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def call(port, path, token=None, body=b"", keep_alive=True):
    """Sends a request and reads its answer. OSError where the server is not there."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head(path, token, body, keep_alive))
        received = bytearray()
        while True:
            found = received.find(b"\r\n\r\n")
            if found >= 0 and len(received) >= found + 4 + content_length(bytes(received[:found])):
                break
            piece = connection.recv(65536)
            if not piece:
                raise Broken(f"{path}: the connection ended within the answer {bytes(received[:1000])!r}")
            received += piece
    return Answer(int(received[9:12]), bytes(received[found + 4:]), len(received))


def log_in(port, name, password):
    """An access token."""
    answer = call(port, "/api/token/", body=json.dumps({"username": name, "password": password}).encode())
    if answer.status != 200:
        raise Broken(f"logging in as {name} is answered {answer.status} {answer.body!r}")
    return json.loads(answer.body)["access"]
