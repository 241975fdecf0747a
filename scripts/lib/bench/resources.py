"""What a server costs beside its requests: memory, the start, and how its workers share connections.

SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import os
import pathlib
import resource
import socket
import statistics
import time

import cases
import exchange
import peers
import rounds
from servers import BOOT_SECONDS, Broken

IDLE = 10_000
STARTS = 9
MIB = 1 << 20


def rss(pid):
    """Resident bytes."""
    with contextlib.suppress(OSError):
        for line in pathlib.Path(f"/proc/{pid}/status").read_text(errors="replace").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) << 10
    return 0


def established(port):
    """The inodes of the server's ends of connections to 127.0.0.1:port."""
    lines = pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    rows = (line.split() for line in lines)
    return {row[9] for row in rows if row[1] == f"0100007F:{port:04X}" and row[3] == "01"}  # 01: TCP_ESTABLISHED


def connections_of(pid, inodes):
    """How many of those sockets a process has open."""
    count = 0
    for entry in os.scandir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            count += os.readlink(entry.path)[len("socket:["):-1] in inodes
    return count


def memory(server, seconds):
    """RSS of the workers behind a load of plain requests."""
    rounds.found(rounds.load(f"http://127.0.0.1:{server.port}/plain", seconds), seconds)
    each = [rss(pid) for pid in server.worker_pids()]
    return {"rss_mib": max(each) / MIB, "rss_mean_mib": statistics.mean(each) / MIB}


def idle_connections(server, count):
    """Bytes of RSS, of all processes, for a connection that has had one answer and asks nothing more."""
    before = sum(map(rss, server.pids()))
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(connected(server.port)) for _ in range(count)]
        for each in connections:
            ask(each)
        after = sum(map(rss, server.pids()))
        for each in connections[:: max(1, count // 100)]:  # still there, so not what was measured is their end
            ask(each)
    return max(0, after - before) / count


def connected(port):
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def ask(connection):
    connection.sendall(exchange.head("/plain"))
    received = b""
    while not received.endswith(cases.HELLO):
        piece = connection.recv(4096)
        if not piece:
            raise Broken(f"an idle connection was closed; it had received {received!r}")
        received += piece


def allow_descriptors(count):
    """For us and for what we start."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise Broken(f"{count} descriptors are needed, and ulimit -Hn is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))


def busiest_share(server, seconds=2):
    """Of the connections of wrk, opened at once and kept, the part that the busiest worker has."""
    wrk = rounds.load(f"http://127.0.0.1:{server.port}/plain", seconds)
    until, taken = time.monotonic() + seconds - 0.5, [0]
    while sum(taken) != rounds.CONNECTIONS and time.monotonic() < until:
        time.sleep(0.1)  # until all of them are accepted
        inodes = established(server.port)
        taken = [connections_of(pid, inodes) for pid in server.worker_pids()]
    rounds.found(wrk, seconds)
    if sum(taken) != rounds.CONNECTIONS:
        raise Broken(f"{server.name} has {sum(taken)} of {rounds.CONNECTIONS} connections")
    return max(taken) / sum(taken)


def cold_start(make):
    """Seconds from spawn to the first response, or whatever the server waits for; the median of several."""
    def once():
        with make() as server:
            return server.started_in
    return statistics.median(once() for _ in range(STARTS))


class Notifying(peers.Tollgate):
    """A tollgate that counts as started when it says READY=1 to systemd, which is when more than half
    of its workers serve: of two, both."""

    def variables(self):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(BOOT_SECONDS)
        path = self._folder / "notify"
        path.unlink(missing_ok=True)
        self._socket.bind(str(path))
        return {**super().variables(), "NOTIFY_SOCKET": str(path)}

    def wait_until_ready(self):
        try:
            with self._socket:
                while b"READY=1" not in self._socket.recv(4096).split(b"\n"):
                    pass
        except TimeoutError as error:
            raise Broken(f"{self.name} does not say READY=1; it said:\n{self.output()}") from error


def herd(few, many, seconds, turns):
    """How many times a new connection costs with `many` workers what it does with `few`; interleaved."""
    close = next(case for case in cases.CASES if case.name == "close")
    samples = rounds.run([few, many], [close], None, turns, seconds, lambda _: None)
    return rounds.in_round(samples["close", many.name], samples["close", few.name], lambda a, b: a / b)[0]


def of_tollgate(make, seconds, turns):
    """make(class, name, workers, settings) gives a server that is not started."""
    patient = ("--keep-alive", "10m", "--worker-connections", "16384")
    found = {}
    with make(peers.Tollgate, "tollgate idle", 2, patient) as server:
        found |= memory(server, seconds)
        found["idle_bytes"] = idle_connections(server, IDLE)
    for workers in (2, 4):
        with make(peers.Tollgate, f"tollgate {workers}", workers, ()) as server:
            shares = [busiest_share(server) for _ in range(turns)]
            found |= {f"share_{workers}": statistics.median(shares), f"share_{workers}_worst": max(shares)}
    found["cold_ms"] = 1e3 * cold_start(lambda: make(peers.Tollgate, "tollgate cold", 2, ()))
    found["ready_ms"] = 1e3 * cold_start(lambda: make(Notifying, "tollgate ready", 2, ()))
    with make(peers.Tollgate, "few", 2, ()) as few, make(peers.Tollgate, "many", 16, ()) as many:
        found["herd"] = herd(few, many, seconds, turns)
    return found


def of_peer(make, kind, seconds, turns):
    """The same of another server, as far as it has it."""
    found = {}
    with make(kind, f"{kind.kind} memory", 2, ()) as server:
        found |= memory(server, seconds)
        if kind is peers.Nginx:
            found["idle_bytes"] = idle_connections(server, IDLE)
    if kind is peers.Nginx:
        for workers in (2, 4):
            with make(kind, f"{kind.kind} {workers}", workers, ()) as server:
                shares = [busiest_share(server) for _ in range(turns)]
                found |= {f"share_{workers}": statistics.median(shares), f"share_{workers}_worst": max(shares)}
    found["cold_ms"] = 1e3 * cold_start(lambda: make(kind, f"{kind.kind} cold", 2, ()))
    return found
