"""What a request costs: wrk drives each server in each case, in rounds that are interleaved.

SPDX-License-Identifier: Apache-2.0
"""
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess

import cases
from servers import Broken

CONNECTIONS = 64
SCRIPT = pathlib.Path(__file__).with_name("peers.lua")
ERRORS = ("connect", "read", "write", "timeout", "status")


@dataclasses.dataclass(frozen=True)
class Sample:
    """One server, one case, one round."""
    requests: int
    seconds: float
    p50_us: int
    p99_us: int
    cpu_seconds: float
    errors: dict  # what went wrong: how often

    @property
    def cpu_us(self):
        """CPU microseconds a request."""
        return self.cpu_seconds * 1e6 / self.requests if self.requests else None


def load(url, seconds, arguments=(), environment=(), connections=CONNECTIONS):
    """Starts wrk; found() waits for it. It takes whole seconds only."""
    return subprocess.Popen(
        ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s",
         "--script", str(SCRIPT), *arguments, url],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **dict(environment)})


def found(wrk, seconds):
    """What it measured."""
    try:
        output, errors = wrk.communicate(timeout=seconds + 30)
    except BaseException:
        wrk.kill()
        wrk.wait()
        raise
    if wrk.returncode != 0:
        raise Broken(f"wrk failed: {errors.strip() or output.strip()}")
    return json.loads(output.splitlines()[-1])


def measure(server, case, assets, seconds):
    """wrk once, behind a look at the answer."""
    size = cases.check(case, server, assets)
    arguments, environment = case.wrk(server, assets)
    before = server.cpu_seconds()
    got = found(load(f"http://127.0.0.1:{server.port}{server.path(case.path)}", seconds, arguments,
                     environment.items()), seconds)
    cpu = server.cpu_seconds() - before
    errors = {kind: got[kind] for kind in ERRORS if got[kind]}
    # wrk counts statuses from 400 on. Any other answer than the one that was checked has another
    # length; of those that were under way at the end, it counts the bytes only.
    under_way = CONNECTIONS * size * int(environment.get("WRK_DEPTH", 1))
    if not 0 <= got["bytes"] - got["requests"] * size < under_way:
        errors["length"] = 1
    return Sample(got["requests"], got["seconds"], got["p50_us"], got["p99_us"], cpu, errors)


def run(servers, chosen, assets, rounds, seconds, say):
    """{(case's name, server's name): [Sample of each round]}. Neighbours in time are what is compared,
    and each second round goes the other way, so that a drift of the machine is nobody's."""
    samples = {(case.name, server.name): [] for case in chosen for server in servers if case.name in server.offers}
    for turn in range(rounds):
        say(f"round {turn + 1} of {rounds}")
        for case in chosen:
            able = [server for server in servers if case.name in server.offers]
            for server in able if turn % 2 == 0 else reversed(able):
                samples[case.name, server.name].append(measure(server, case, assets, seconds))
    return samples


def in_round(mine, theirs, how):
    """[median, smallest, largest] of how(CPU of mine, of theirs) over the rounds that both have."""
    values = [how(a.cpu_us, b.cpu_us) for a, b in zip(mine, theirs) if a.cpu_us is not None and b.cpu_us]
    return [statistics.median(values), min(values), max(values)] if values else None


def summarise(samples, base):
    """The rows of the table. Ratios are to the server called `base`, within a round."""
    rows = []
    for (case, name), mine in samples.items():
        cpu = [sample.cpu_us for sample in mine if sample.cpu_us is not None]
        errors = {}
        for sample in mine:
            for kind, count in sample.errors.items():
                errors[kind] = errors.get(kind, 0) + count
        rows.append({
            "case": case, "server": name,
            "cpu_us": statistics.median(cpu) if cpu else None,
            "ratio": in_round(mine, samples.get((case, base), []), lambda a, b: a / b),
            "requests_per_second": statistics.median(sample.requests / sample.seconds for sample in mine),
            "p50_us": statistics.median(sample.p50_us for sample in mine),
            "p99_us": statistics.median(sample.p99_us for sample in mine),
            "errors": errors,
            "samples_cpu_us": cpu,
        })
    return rows
