"""The development server against `serve`: under load, and while a handler hangs or crashes. See scripts/bench.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import contextlib
import datetime
import json
import os
import pathlib
import tempfile

import contrast
import exchange
import load
import tables
from servers import ADMIN, USER, Server, Site

ROOT = pathlib.Path(__file__).resolve().parents[3]
BINARY = ROOT / "build/release/tollgate"
DEV = "dev"
WORKERS = (1, 2, 4)
MARK = tables.Mark("bench")


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/bench contrast", description="Measures the development server against `serve` with 1, 2 and 4 "
        "workers: requests under load, and what other clients notice of a handler that hangs or crashes.")
    parser.add_argument("--rounds", type=tables.at_least_one, default=5, metavar="N", help="medians are over so many [5]")
    parser.add_argument("--seconds", type=tables.at_least_one, default=2, metavar="S",
                        help="of load, for each server, route and round [2]")
    parser.add_argument("--quick", action="store_true", help="one round of a second, and hangs of a second")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all figures there, too")
    parser.add_argument("--update-readme", action="store_true",
                        help=f"put the tables into README.md, between {MARK.begin} and {MARK.end}")
    options = parser.parse_args(arguments)
    options.hang_seconds = 5
    if options.quick:
        options.rounds = options.seconds = options.hang_seconds = 1
    return options


def kinds(site):
    yield Server(site, DEV, "dev")
    for count in WORKERS:
        yield Server(site, f"serve, {count} worker{'s' if count > 1 else ''}", "serve", "--workers", str(count))


def measure_load(site, options):
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(server) for server in kinds(site)]
        token = exchange.log_in(servers[0].port, USER, site.passwords[USER])
        samples = load.run(servers, token, options.rounds, options.seconds, tables.say)
    return load.summarise(samples, DEV)


def measure_contrast(site, options):
    rows, token = [], None
    for keeps_connection in (True, False):
        for server in kinds(site):  # a new one for each row: the last one's handler has crashed
            tables.say(f"hang and crash: {server.name}, {'keep-alive' if keeps_connection else 'new connections'}")
            with server:
                token = token or exchange.log_in(server.port, ADMIN, site.passwords[ADMIN])
                rows.append(contrast.watch(server, token, keeps_connection, options.hang_seconds))
    return rows


def command_line(options):
    """What makes the same figures again."""
    if options.quick:
        return "scripts/bench contrast --quick"
    return f"scripts/bench contrast --rounds {options.rounds} --seconds {options.seconds}"


def main(arguments):
    options = parse(arguments)
    readme = ROOT / "README.md"
    if options.update_readme:  # said now, not in five minutes
        MARK.must_be_in(readme)
    busy = os.getloadavg()[0]  # with what is not ours
    with tempfile.TemporaryDirectory(prefix="tollgate-bench-") as folder:
        site = Site(BINARY, folder)
        rows = measure_load(site, options)
        contrast_rows = measure_contrast(site, options)

    machine = f"{tables.machine(str(BINARY), ROOT)}; load average before {busy:.1f}"
    today = datetime.date.today().isoformat()
    text = (f"`{command_line(options)}`, {today}: {machine}. {load.CONNECTIONS} connections; medians of "
            f"{options.rounds} × {options.seconds} s.\n\n{tables.load_table(rows)}\n\n"
            f"{tables.contrast_table(contrast_rows, contrast.CLIENTS, options.hang_seconds)}")
    print(text)
    if options.json:
        document = {"date": today, "machine": machine, "rounds": options.rounds, "seconds": options.seconds,
                    "connections": load.CONNECTIONS, "load": rows, "contrast": contrast_rows}
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    if options.update_readme:
        MARK.update(readme, text)
    wrong = [f"{row['server']} {row['route']}" for row in rows if row["errors"]]
    if wrong:
        tables.say("not every response was right: " + ", ".join(wrong))
    return 1 if wrong else 0

