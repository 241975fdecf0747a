"""THE TABLE of what issue 6 asks for, and whether it is so.

SPDX-License-Identifier: Apache-2.0
"""
import dataclasses

MINE = "tollgate"
LOGGED = "tollgate with access log"


@dataclasses.dataclass(frozen=True)
class Target:
    what: str
    key: str  # of the figures, see figures()
    most: float
    unit: str = "× nginx"


TARGETS = (
    Target("text", "ratio/plain", 0.90),
    Target("JSON", "ratio/json", 0.90),
    Target("JSON behind HS256", "ratio/jwt_hs", 1.00),
    Target("the same, by tokens that no cache holds", "ratio/jwt_hs_fresh", 1.15),
    Target("JSON behind RS256", "ratio/jwt_rs", 1.05),
    Target("JSON behind ES256", "ratio/jwt_es", 1.05),
    Target("JSON behind EdDSA", "ratio/jwt_ed", 1.05),
    Target("text, pipelined by 16", "ratio/pipe16", 0.20),
    Target("text, a new connection each", "ratio/close", 0.90),
    Target("1 KiB of JSON back", "ratio/echo", 1.9),
    Target("file, 10 KiB", "ratio/static_10k", 1.05),
    Target("file, 1 MiB", "ratio/static_1m", 1.10),
    Target("the access log adds", "access_log_us", 0.3, "µs"),
    Target("the blocking pool adds", "pool_us", 7, "µs"),
    Target("an idle connection", "idle_bytes", 1024, "B"),
    Target("largest worker, RSS", "rss_mib", 16, "MiB"),
    Target("2 workers ready", "ready_ms", 25, "ms"),
    Target("busiest of 2 workers", "share_2", 0.56, "of 64 connections"),
    Target("busiest of 4 workers", "share_4", 0.30, "of 64 connections"),
    Target("a new connection with 16 workers", "herd", 1.8, "× that with 2"),
)


def figures(rows, differences, resources):
    """{key: value} of all that was measured of tollgate."""
    found = {f"ratio/{row['case']}": row["ratio"][0] for row in rows
             if row["server"] == MINE and row["ratio"]}
    found |= {key: values[0] for key, values in differences.items() if values}
    return found | {key: value for key, value in resources.get(MINE, {}).items() if value is not None}


def judge(found):
    """[(target, value or None, "met" | "missed" | "not measured")]."""
    verdicts = []
    for target in TARGETS:
        value = found.get(target.key)
        verdict = "not measured" if value is None else "met" if value <= target.most else "missed"
        verdicts.append((target, value, verdict))
    return verdicts
