"""The ratios as bars, in SVG: one group a case, one bar a server, and a line where nginx is.

SPDX-License-Identifier: Apache-2.0
"""
from xml.sax.saxutils import escape

import cases

LONGEST = 2.5  # a ratio above this is a bar that is cut off, with its figure
LABELS, SCALE, RIGHT = 190, 200, 60  # pixels: of the names, of one unit of the ratio, of a figure
BAR, GAP, TOP, LEGEND = 14, 10, 26, 24
COLOURS = ("#2b6cb0", "#dd6b20", "#805ad5", "#718096")


def ratios(rows, base):
    """The text of an SVG file."""
    shown = [row for row in rows if row["server"] != base and row["ratio"]]
    servers = list(dict.fromkeys(row["server"] for row in shown))
    colour = {server: COLOURS[i % len(COLOURS)] for i, server in enumerate(servers)}
    titles = {case.name: case.title for case in cases.CASES}
    parts, y = [], TOP
    for case in dict.fromkeys(row["case"] for row in shown):
        group = [row for row in shown if row["case"] == case]
        parts.append(text(LABELS - 8, y + len(group) * BAR / 2 + 4, titles[case], "end"))
        for row in group:
            parts += bar(y, row["ratio"][0], colour[row["server"]])
            y += BAR
        y += GAP
    width, height = LABELS + LONGEST * SCALE + RIGHT, y + LEGEND
    axis = [text(LABELS + tick * SCALE, 16, f"{tick:g}", "middle") for tick in (0, 0.5, 1, 1.5, 2)]
    axis += [line(LABELS, TOP - 4, y, "#a0aec0"), line(LABELS + SCALE, TOP - 4, y, "#c53030"),
             text(LABELS + LONGEST * SCALE + RIGHT - 4, 16, f"CPU time, × {base}", "end")]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="sans-serif" font-size="12" fill="#2d3748">',
        "<!-- made by scripts/bench -->", f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>',
        *axis, *parts, *legend(servers, colour, y), "</svg>", ""])


def bar(y, ratio, colour):
    length = min(ratio, LONGEST) * SCALE
    return [f'<rect x="{LABELS}" y="{y}" width="{length:.1f}" height="{BAR - 2}" fill="{colour}"/>',
            text(LABELS + length + 4, y + BAR - 4, f"{ratio:.2f}" + ("" if ratio <= LONGEST else " →"), "start")]


def legend(servers, colour, y):
    parts, x = [], LABELS
    for server in servers:
        parts += [f'<rect x="{x}" y="{y + 6}" width="10" height="10" fill="{colour[server]}"/>',
                  text(x + 14, y + 15, server, "start")]
        x += 40 + 7 * len(server)
    return parts


def text(x, y, words, anchor):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def line(x, top, bottom, colour):
    return f'<line x1="{x}" y1="{top}" x2="{x}" y2="{bottom}" stroke="{colour}"/>'
