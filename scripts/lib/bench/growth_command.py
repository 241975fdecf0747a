"""How the cost of a request grows: with connections, workers, fields, bodies, routes, keys and revoked tokens.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import contextlib
import datetime
import json
import pathlib
import statistics
import tempfile

import growth
import resources
import tables
from assets import Assets
from peers_command import LEAST_DESCRIPTORS, RELEASE, ROOT, chosen

MARK = tables.Mark("growth")
PAGE = ROOT / "tests/README.md"


def parse(arguments):
    names = [table.name for table in growth.TABLES]
    parser = argparse.ArgumentParser(
        prog="scripts/bench growth", description="Measures how CPU time of a request grows, one quantity a table.")
    parser.add_argument("--tables", type=chosen(names), default=names, metavar="A,B", help=f"of {', '.join(names)} [all]")
    parser.add_argument("--rounds", type=tables.at_least_one, default=5, metavar="N", help="medians are over so many [5]")
    parser.add_argument("--seconds", type=tables.at_least_one, default=1, metavar="S",
                        help="of load, for each row and round [1]")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all figures there, too")
    parser.add_argument("--update-readme", action="store_true",
                        help=f"put the tables into tests/README.md, between {MARK.begin} and {MARK.end}")
    return parser.parse_args(arguments)


def measure(table, options, assets, folder):
    """[{label, cpu_us, range}], a row each. Rounds go through all rows, there and back."""
    costs = {point.label: [] for point in table.points}
    with contextlib.ExitStack() as stack:
        tables.say(f"{table.name}: {len(table.points)} servers start")
        running = {point.label: stack.enter_context(growth.Measured(point, RELEASE, assets, folder))
                   for point in table.points}
        for turn in range(options.rounds):
            tables.say(f"{table.name}: round {turn + 1} of {options.rounds}")
            for label in running if turn % 2 == 0 else reversed(running):
                costs[label].append(running[label].cost(options.seconds))
    return [{"label": point.label, "cpu_us": statistics.median(costs[point.label]),
             "range": [min(costs[point.label]), max(costs[point.label])], "unit": point.unit} for point in table.points]


def markdown(table, rows):
    header = [table.title, "CPU µs/request (range)", "× the first"] + ([f"µs a {table.per}"] if table.per else [])
    lines = [[row["label"], tables.spread([row["cpu_us"], *row["range"]]), f"{row['cpu_us'] / rows[0]['cpu_us']:.2f}",
              *([f"{row['cpu_us'] / row['unit']:.2f}"] if table.per else [])] for row in rows]
    return f"{table.expected}\n\n{tables.markdown(header, lines, left=1)}"


def main(arguments):
    options = parse(arguments)
    if options.update_readme:
        MARK.must_be_in(PAGE)
    resources.allow_descriptors(LEAST_DESCRIPTORS)
    found = {}
    with tempfile.TemporaryDirectory(prefix="tollgate-growth-") as folder:
        assets = Assets(pathlib.Path(folder) / "assets")
        for table in growth.TABLES:
            if table.name in options.tables:
                found[table.name] = measure(table, options, assets, folder)
    command = f"scripts/bench growth --rounds {options.rounds} --seconds {options.seconds}"
    today = datetime.date.today().isoformat()
    parts = [markdown(table, found[table.name]) for table in growth.TABLES if table.name in found]
    text = f"`{command}`, {today}: {tables.machine(str(RELEASE / 'tollgate'), ROOT)}.\n\n" + "\n\n".join(parts)
    print(text)
    if options.json:
        options.json.write_text(json.dumps({"date": today, "command": command, "tables": found}, indent=2) + "\n",
                                encoding="utf-8")
    if options.update_readme:
        MARK.update(PAGE, text)
    return 0
