"""How the benchmarks speak: results as Markdown, and their place in README.md.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import os
import pathlib
import platform
import re
import subprocess
import sys

from servers import Broken

MISSING = "–"


def say(text):
    """What is under way; standard output is for the tables."""
    print(f"-- {text}", file=sys.stderr, flush=True)


def at_least_one(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def markdown(header, rows, left=2):
    """A table whose first `left` columns are text, and the others numbers."""
    lines = [header, ["---"] * left + ["---:"] * (len(header) - left), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def duration(seconds):
    if seconds is None:
        return MISSING
    if seconds >= 0.9995:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.{0 if seconds >= 0.01 else 1}f} ms"


def number(value, form):
    return MISSING if value is None else format(value, form)


def load_table(rows):
    header = ["route", "server", "requests/s", "× dev (range)", "p50", "p99", "CPU µs/request", "× dev", "errors"]
    lines, last = [], None
    for row in rows:
        low, high = row["ratio_range"] or (None, None)
        lines.append([
            f"`{row['route']}`" if row["route"] != last else "",
            row["server"],
            format(row["requests_per_second"], ",.0f"),
            f"{number(row['ratio'], '.2f')} ({number(low, '.2f')}–{number(high, '.2f')})",
            duration(row["p50_us"] / 1e6),
            duration(row["p99_us"] / 1e6),
            number(row["cpu_us_per_request"], ".1f"),
            number(row["cpu_ratio"], ".2f"),
            ", ".join(f"**{count} {kind}**" for kind, count in row["errors"].items()) or "0",
        ])
        last = row["route"]
    return markdown(header, lines)


def contrast_table(rows, clients, hang_seconds):
    header = ["server", "clients", "undisturbed: longest wait",
              f"a thread hangs {hang_seconds} s: longest wait, clients stuck",
              f"the loop hangs {hang_seconds} s: longest wait, clients stuck",
              "a handler crashes: requests failed", "longest gap between two answers"]
    return markdown(header, [[row["server"], row["clients"], duration(row["undisturbed_longest_wait_s"]),
                              hang_cell(row["hang_on_thread"], clients), hang_cell(row["hang_on_loop"], clients),
                              *crash_cells(row["crash"])] for row in rows])


def hang_cell(hang, clients):
    stuck = f"{hang['clients_stuck']} of {clients}" if hang["clients_stuck"] else "none"
    failed = f", **{hang['failed']} failed**" if hang["failed"] else ""
    return f"{duration(hang['longest_wait_s'])}, {stuck}{failed}"


def crash_cells(crash):
    if crash["server_lives"] and crash["longest_gap_s"] is not None:
        return [f"{crash['failed']:,} of {crash['requests']:,}", duration(crash["longest_gap_s"])]
    return ["all from then on", "for ever: " + ("nothing is served" if crash["server_lives"] else "the server is gone")]


def spread(values, form=".2f"):
    """A median with its range."""
    if not values:
        return MISSING
    return f"{values[0]:{form}} ({values[1]:{form}}–{values[2]:{form}})"


def requests_table(rows):
    header = ["case", "server", "CPU µs/request", "× nginx (range)", "requests/s", "p50", "p99", "errors"]
    lines, last = [], None
    for row in rows:
        lines.append([
            row["case"] if row["case"] != last else "", row["server"], number(row["cpu_us"], ".2f"),
            spread(row["ratio"]), format(row["requests_per_second"], ",.0f"), duration(row["p50_us"] / 1e6),
            duration(row["p99_us"] / 1e6),
            ", ".join(f"**{count} {kind}**" for kind, count in row["errors"].items()) or "0",
        ])
        last = row["case"]
    return markdown(header, lines)


RESOURCES = (  # title, name of the figure, how it is written
    ("largest worker, MiB", "rss_mib", ".1f"), ("mean worker, MiB", "rss_mean_mib", ".1f"),
    ("idle connection, B", "idle_bytes", ",.0f"), ("spawn to first response, ms", "cold_ms", ".1f"),
    ("2 workers ready, ms", "ready_ms", ".1f"), ("busiest of 2 workers (worst)", "share_2", ".2f"),
    ("busiest of 4 workers (worst)", "share_4", ".2f"), ("new connection, 16 workers / 2", "herd", ".2f"),
)


def resources_table(found):
    if not found:
        return ""

    def cell(figures, name, form):
        worst = figures.get(f"{name}_worst")
        return number(figures.get(name), form) + (f" ({worst:{form}})" if worst is not None else "")
    return markdown(["server", *(title for title, _, _ in RESOURCES)],
                    [[server, *(cell(figures, name, form) for _, name, form in RESOURCES)]
                     for server, figures in found.items()], left=1) + "\n\n"


def changes_table(changes, other):
    if not changes:
        return ""
    return markdown(["case", f"CPU of a request, × {other.name} (range)"],
                    [[case, spread(values)] for case, values in changes.items()], left=1) + "\n\n"


def targets_table(verdicts):
    return markdown(["target", "", "at most", "measured"],
                    [[target.what, verdict if verdict != "missed" else "**missed**", f"{target.most:g} {target.unit}",
                      number(value, ".2f")] for target, value, verdict in verdicts])


def machine(binary, root):
    """One line: what was measured, on what."""
    cpu = re.search(r"model name\s*: (.+)", pathlib.Path("/proc/cpuinfo").read_text(errors="replace"))
    version = subprocess.run([binary, "--version"], text=True, capture_output=True, check=False).stdout.strip()
    return (f"{version} ({commit(root)}), {len(os.sched_getaffinity(0))} CPUs ({cpu[1] if cpu else platform.machine()}), "
            f"Linux {platform.release()}; wrk and the clients run on the same CPUs")


def commit(root):
    git = ["git", "-c", f"safe.directory={root}", "-C", str(root)]
    found = subprocess.run([*git, "rev-parse", "--short", "HEAD"], text=True, capture_output=True, check=False)
    return found.stdout.strip() or "no commit"


class Mark:
    """A place in README.md: what stands between two comments of a name."""

    def __init__(self, name):
        self.begin, self.end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"

    def must_be_in(self, readme):
        if self.end not in readme.read_text(encoding="utf-8").partition(self.begin)[2]:
            raise Broken(f"README.md has no {self.begin} … {self.end}")

    def update(self, readme, text):
        before, _, rest = readme.read_text(encoding="utf-8").partition(self.begin)
        _, _, after = rest.partition(self.end)
        readme.write_text(f"{before}{self.begin}\n{text}\n{self.end}{after}", encoding="utf-8")
