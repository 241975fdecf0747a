"""What happens to the other clients while one handler hangs, and when one crashes.

Eight clients ask for /plain, each anew 5 ms after its last answer, while another client calls the
handler in question. They come in two kinds, since servers treat them differently: one keeps its
connection, and so its worker; one makes a new connection for each request.

SPDX-License-Identifier: Apache-2.0
"""
import asyncio
import contextlib
import dataclasses
import time

import exchange
from servers import Broken

CLIENTS = 8
PAUSE = 0.005
PATIENCE = 10  # seconds that a client waits for an answer
BODY = b"Hello, World!"

QUIET = 1.0  # seconds in which nothing happens yet, so that the noise is seen
AFTERMATH = 3.0  # seconds for which a crash is watched
RECOVERY = 0.5  # seconds for which the end of a hang is watched


@dataclasses.dataclass(frozen=True)
class Request:
    """One request of a client: when it began and ended (monotonic seconds), and whether it was answered."""
    began: float
    ended: float
    answered: bool

    @property
    def waited(self):
        return self.ended - self.began


class Client:
    def __init__(self, port, keeps_connection):
        self._port = port
        self._keeps_connection = keeps_connection
        self._head = exchange.head("/plain", keep_alive=keeps_connection)
        self._connection = None  # (reader, writer)
        self.requests = []
        self.stopping = False

    async def run(self):
        while not self.stopping:
            began = time.monotonic()
            answered = await self._ask()
            self.requests.append(Request(began, time.monotonic(), answered))
            await asyncio.sleep(PAUSE)
        self._close()

    async def _ask(self):
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await self._connect()
                writer.write(self._head)
                received = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(exchange.content_length(received))
                right = received.startswith(b"HTTP/1.1 200 ") and body == BODY
        except (OSError, EOFError, TimeoutError):
            right = False
        if not right or not self._keeps_connection:
            self._close()
        return right

    async def _connect(self):
        # A connection that was closed between two requests costs no request: every client's pool
        # looks before it sends.
        if self._connection and (self._connection[0].at_eof() or self._connection[0].exception()):
            self._close()
        if not self._connection:
            self._connection = await asyncio.open_connection("127.0.0.1", self._port)
        return self._connection

    def _close(self):
        if self._connection:
            self._connection[1].close()
        self._connection = None


@dataclasses.dataclass(frozen=True)
class Watched:
    """What the clients saw. The event lasted from `began` to `ended`."""
    clients: list  # [Request] of each
    began: float
    ended: float

    def longest_wait_before(self):
        return max(r.waited for requests in self.clients for r in requests if r.ended < self.began)

    def during(self):
        """[Request] of each client that were under way at some time of the event."""
        return [[r for r in requests if r.ended > self.began and r.began < self.ended]
                for requests in self.clients]

    def hang(self):
        waits = [max((r.waited for r in requests), default=0.0) for requests in self.during()]
        return {
            "longest_wait_s": max(waits),
            "clients_stuck": sum(wait > (self.ended - self.began) / 2 for wait in waits),
            "failed": sum(not r.answered for requests in self.during() for r in requests),
        }

    def crash(self):
        after = [[r for r in requests if r.ended > self.began] for requests in self.clients]
        gaps = [self._longest_gap(requests) for requests in self.clients]
        return {
            "failed": sum(not r.answered for requests in after for r in requests),
            "requests": sum(map(len, after)),
            # None: a client was not served again, as long as we looked.
            "longest_gap_s": None if None in gaps else max(gaps),
        }

    def _longest_gap(self, requests):
        """Seconds between two answers to one client, of which the later came after the crash."""
        answers = [r.ended for r in requests if r.answered]
        if not answers or not requests[-1].answered:
            return None
        return max((later - earlier for earlier, later in zip(answers, answers[1:]) if later > self.began),
                   default=None)


async def _call(port, path, token):
    """The one that calls the handler in question. What it gets: bytes, or none if the server died."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(exchange.head(path, token, keep_alive=False))
        return await reader.read()
    except OSError:
        return b""
    finally:
        writer.close()


async def _watch(port, keeps_connection, path, token, expected, watch_after):
    clients = [Client(port, keeps_connection) for _ in range(CLIENTS)]
    running = [asyncio.create_task(client.run()) for client in clients]
    try:
        await asyncio.sleep(QUIET)
        began = time.monotonic()
        got = await _call(port, path, token)
        ended = time.monotonic()
        if not (got.startswith(expected) if expected else got == b""):
            raise Broken(f"{path} was answered {got[:200]!r}")
        await asyncio.sleep(watch_after)
        for client in clients:
            client.stopping = True
        await asyncio.wait(running, timeout=PATIENCE + 1)
    finally:
        for task in running:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*running)
    return Watched([client.requests for client in clients], began, ended)


def watch(server, token, keeps_connection, hang_seconds):
    """One row of the table. The server is not what it was afterwards: one of its handlers has crashed."""
    hang_ms = hang_seconds * 1000
    answered = b"HTTP/1.1 200 "

    def look(path, expected, watch_after):
        return asyncio.run(_watch(server.port, keeps_connection, path, token, expected, watch_after))

    on_thread = look(f"/block/{hang_ms}", answered, RECOVERY)
    on_loop = look(f"/hang/{hang_ms}", answered, RECOVERY)
    crash = look("/crash", b"", AFTERMATH)
    return {
        "server": server.name,
        "clients": "keep-alive" if keeps_connection else "new connections",
        "undisturbed_longest_wait_s": max(w.longest_wait_before() for w in (on_thread, on_loop, crash)),
        "hang_on_thread": on_thread.hang(),
        "hang_on_loop": on_loop.hang(),
        "crash": {**crash.crash(), "server_lives": server.lives()},
    }
