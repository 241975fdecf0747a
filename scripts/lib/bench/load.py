"""The servers under load: what a request costs. wrk drives each, in rounds that are interleaved.

SPDX-License-Identifier: Apache-2.0
"""
import dataclasses
import json
import pathlib
import statistics
import subprocess

from exchange import call
from servers import Broken

# Above this, the development server's queue (thread_queue, 64) would rightly answer 503 on /block.
CONNECTIONS = 32
SCRIPT = pathlib.Path(__file__).with_name("report.lua")
ERRORS = ("connect", "read", "write", "timeout", "status")


@dataclasses.dataclass(frozen=True)
class Route:
    path: str
    body: bytes
    needs_token: bool = False


ROUTES = (
    Route("/plain", b"Hello, World!"),
    Route("/json", b'{"message":"Hello, World!"}'),
    Route("/api/me", b'{"id":1,"username":"bench"}', needs_token=True),
    Route("/block", b"blocked for 20 ms\n"),
)


@dataclasses.dataclass
class Sample:
    """One server, one route, one round."""
    requests: int
    seconds: float
    p50_us: int
    p99_us: int
    cpu_seconds: float
    errors: dict  # what went wrong: how often

    @property
    def rate(self):
        return self.requests / self.seconds


def check(server, route, token):
    """The size of a right answer in bytes; anything else is a reason to stop."""
    answer = call(server.port, route.path, token if route.needs_token else None)
    if (answer.status, answer.body) != (200, route.body):
        raise Broken(f"{server.name} answers {route.path} with {answer.status} {answer.body!r}")
    return answer.size


def measure(server, route, token, seconds):
    """Runs wrk once."""
    size = check(server, route, token)
    command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s",
               "--script", str(SCRIPT)]
    if route.needs_token:
        command += ["--header", f"Authorization: Bearer {token}"]
    before = server.cpu_seconds()
    done = subprocess.run([*command, f"http://127.0.0.1:{server.port}{route.path}"], text=True,
                          capture_output=True, timeout=seconds + 30, check=False)
    cpu = server.cpu_seconds() - before
    if done.returncode != 0:
        raise Broken(f"wrk failed on {server.name}: {done.stderr.strip() or done.stdout.strip()}")
    found = json.loads(done.stdout.splitlines()[-1])
    errors = {kind: found[kind] for kind in ERRORS if found[kind]}
    # wrk counts statuses from 400 on. Any other answer than the one that was checked has another
    # length; at the end of the run each connection may have got a part of one more.
    if not 0 <= found["bytes"] - found["requests"] * size < CONNECTIONS * size:
        errors["length"] = 1
    return Sample(found["requests"], found["seconds"], found["p50_us"], found["p99_us"], cpu, errors)


def run(servers, token, rounds, seconds, say):
    """{(route's path, server's name): [Sample of each round]}. Neighbours in time are what is
    compared, and each second round goes the other way, so that a drift of the machine is nobody's."""
    samples = {(route.path, server.name): [] for route in ROUTES for server in servers}
    for turn in range(rounds):
        say(f"round {turn + 1} of {rounds}")
        for route in ROUTES:
            for server in servers if turn % 2 == 0 else reversed(servers):
                samples[route.path, server.name].append(measure(server, route, token, seconds))
    return samples


def summarise(samples, base):
    """The rows of the table. Ratios are to the server called `base`, within a round."""
    rows = []
    for (path, name), mine in samples.items():
        theirs = samples[path, base]
        ratios = [sample.rate / other.rate for sample, other in zip(mine, theirs) if other.requests]
        errors = {}
        for sample in mine:
            for kind, count in sample.errors.items():
                errors[kind] = errors.get(kind, 0) + count
        rows.append({
            "route": path, "server": name,
            "requests_per_second": statistics.median(sample.rate for sample in mine),
            "ratio": statistics.median(ratios) if ratios else None,
            "ratio_range": [min(ratios), max(ratios)] if ratios else None,
            "p50_us": statistics.median(sample.p50_us for sample in mine),
            "p99_us": statistics.median(sample.p99_us for sample in mine),
            "cpu_us_per_request": cpu_per_request(mine),
            "cpu_ratio": ratio(cpu_per_request(mine), cpu_per_request(theirs)),
            "requests": sum(sample.requests for sample in mine),
            "errors": errors,
        })
    return rows


def cpu_per_request(samples):
    """Over all rounds: /proc counts in ticks of 10 ms, which is long for a route that sleeps."""
    requests = sum(sample.requests for sample in samples)
    return sum(sample.cpu_seconds for sample in samples) * 1e6 / requests if requests else None


def ratio(mine, theirs):
    return mine / theirs if mine is not None and theirs else None
