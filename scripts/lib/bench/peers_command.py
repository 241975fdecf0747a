"""What a request costs, beside nginx and Gunicorn: tables, JSON and a plot, and whether the targets are met.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import contextlib
import datetime
import json
import os
import pathlib
import tempfile

import cases
import compare
import peers
import plot
import resources
import rounds
import tables
import targets
from assets import Assets

ROOT = pathlib.Path(__file__).resolve().parents[3]
RELEASE = ROOT / "build/release"
MARK = tables.Mark("peers")
README_PLOT = "tests/bench/peers.svg"
BASE = peers.Nginx.kind
LEAST_DESCRIPTORS = resources.IDLE + 1000


def chosen(known):
    """An argument's type: names apart by commas."""
    def names(text):
        wrong = [name for name in text.split(",") if name not in known]
        if wrong:
            raise argparse.ArgumentTypeError(f"{wrong[0]!r} is none of {', '.join(known)}")
        return text.split(",")
    return names


def parse(arguments):
    case_names = [case.name for case in cases.CASES]
    parser = argparse.ArgumentParser(
        prog="scripts/bench [peers]", description="Measures what a request costs, beside nginx and Gunicorn with Django. "
        "`scripts/bench contrast` and `scripts/bench growth` are other benchmarks, with a --help of their own.")
    parser.add_argument("--cases", type=chosen(case_names), default=case_names, metavar="A,B",
                        help=f"of {', '.join(case_names)} [all]")
    parser.add_argument("--servers", type=chosen(list(peers.KINDS)), default=list(peers.KINDS), metavar="A,B",
                        help=f"of {'; '.join(peers.KINDS)} [all]")
    parser.add_argument("--rounds", type=tables.at_least_one, default=9, metavar="N", help="medians are over so many [9]")
    parser.add_argument("--seconds", type=tables.at_least_one, default=1, metavar="S",
                        help="of load, for each server, case and round [1]")
    parser.add_argument("--no-resources", action="store_true", help="only requests: no memory, start and balance")
    parser.add_argument("--compare", metavar="REV", help="builds that commit, too, in build/compare, and measures both")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all figures there, too")
    parser.add_argument("--plot", type=pathlib.Path, metavar="FILE", help="draw the ratios as SVG")
    parser.add_argument("--update-readme", action="store_true",
                        help=f"put the tables into README.md, between {MARK.begin} and {MARK.end}, and the plot "
                        f"into {README_PLOT}")
    options = parser.parse_args(arguments)
    if options.compare and targets.MINE not in options.servers:
        parser.error(f"--compare needs {targets.MINE} among --servers")
    return options


def measure_requests(options, make, other):
    with contextlib.ExitStack() as stack:
        servers = [make(peers.KINDS[name]) for name in options.servers]
        if other:
            servers.insert(1, make(peers.Tollgate, other.name, build=other.build))
        for server in servers:
            stack.enter_context(server)
        picked = [case for case in cases.CASES if case.name in options.cases]
        return rounds.run(servers, picked, make.assets, options.rounds, options.seconds, tables.say)


def measure_resources(options, make):
    found = {}
    for name in options.servers:
        if peers.KINDS[name].is_variant:
            continue
        tables.say(f"memory, start and balance: {name}")
        if name == targets.MINE:
            found[name] = resources.of_tollgate(make, options.seconds, options.rounds)
        else:
            found[name] = resources.of_peer(make, peers.KINDS[name], options.seconds, options.rounds)
    return found


class Maker:
    """Makes servers that are not started yet."""

    def __init__(self, assets, folder):
        self.assets, self._folder = assets, folder

    def __call__(self, kind, name=None, workers=2, settings=(), build=RELEASE):
        if issubclass(kind, peers.Tollgate):
            return kind(build, self.assets, self._folder, name, workers, settings=settings)
        return kind(self.assets, self._folder, name, workers)


def differences(samples):
    """What tollgate's own parts add to a request, in CPU µs: [median, smallest, largest] of the rounds."""
    plain = samples.get(("plain", targets.MINE), [])

    def added(*key):
        return rounds.in_round(samples.get(key, []), plain, lambda mine, base: mine - base)
    return {"access_log_us": added("plain", targets.LOGGED), "pool_us": added("pool", targets.MINE)}


def against(samples, other):
    """{case: CPU of a request as a multiple of the other commit's, [median, smallest, largest] of the rounds}."""
    return {case: rounds.in_round(samples[case, targets.MINE], theirs, lambda mine, base: mine / base)
            for (case, name), theirs in samples.items() if name == other.name}


def command_line(options):
    """What makes the same figures again."""
    words = ["scripts/bench", f"--rounds {options.rounds} --seconds {options.seconds}"]
    if len(options.cases) < len(cases.CASES):
        words.append(f"--cases {','.join(options.cases)}")
    if len(options.servers) < len(peers.KINDS):
        words.append(f"--servers '{','.join(options.servers)}'")
    return " ".join(words + ([f"--compare {options.compare}"] if options.compare else []))


def main(arguments):
    options = parse(arguments)
    readme = ROOT / "README.md"
    if options.update_readme:  # said now, not in a quarter of an hour
        MARK.must_be_in(readme)
    if not options.no_resources:
        resources.allow_descriptors(LEAST_DESCRIPTORS)
    other = compare.build(ROOT, options.compare) if options.compare else None
    busy = os.getloadavg()[0]  # with what is not ours
    with tempfile.TemporaryDirectory(prefix="tollgate-bench-") as folder:
        make = Maker(Assets(pathlib.Path(folder) / "assets"), folder)
        samples = measure_requests(options, make, other)
        found = {} if options.no_resources else measure_resources(options, make)

    rows = rounds.summarise(samples, BASE)
    added = differences(samples)
    changes = against(samples, other) if other else {}
    verdicts = targets.judge(targets.figures(rows, added, found))
    machine = f"{tables.machine(str(RELEASE / 'tollgate'), ROOT)}; load average before {busy:.1f}"
    today = datetime.date.today().isoformat()
    text = (f"`{command_line(options)}`, {today}: {machine}. {rounds.CONNECTIONS} connections, 2 workers each; medians of "
            f"{options.rounds} × {options.seconds} s; ratios are to nginx in the same round (smallest–largest).\n\n"
            f"{tables.requests_table(rows)}\n\n{tables.resources_table(found)}"
            f"{tables.changes_table(changes, other)}{tables.targets_table(verdicts)}")
    print(text)
    if options.json:
        options.json.write_text(json.dumps({
            "date": today, "machine": machine, "command": command_line(options), "requests": rows, "added_us": added,
            "against": {"commit": options.compare, "ratios": changes},
            "resources": found, "targets": [{"what": target.what, "most": target.most, "unit": target.unit,
                                             "value": value, "verdict": verdict} for target, value, verdict in verdicts],
        }, indent=2) + "\n", encoding="utf-8")
    if options.plot:
        options.plot.write_text(plot.ratios(rows, BASE), encoding="utf-8")
    if options.update_readme:
        (ROOT / README_PLOT).write_text(plot.ratios(rows, BASE), encoding="utf-8")
        MARK.update(readme, f"![CPU time of a request, as a multiple of nginx's]({README_PLOT})\n\n{text}")
    wrong = [f"{row['server']} {row['case']}" for row in rows if row["errors"]]
    if wrong:
        tables.say("not every response was right: " + ", ".join(wrong))
    return 1 if wrong else 0
