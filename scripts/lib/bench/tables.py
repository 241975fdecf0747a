"""The results as Markdown, and their place in README.md.

SPDX-License-Identifier: Apache-2.0
"""
import os
import pathlib
import platform
import re
import subprocess

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
MISSING = "–"


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


def has_place(readme):
    return END in readme.read_text(encoding="utf-8").partition(BEGIN)[2]


def update_readme(readme, text):
    """Replaces what stands between the two marks."""
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
