"""Counts instructions with callgrind: see scripts/instructions.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DRIVER = ROOT / "build/release/tests/instructions/instructions"
RECORD = ROOT / "tests/bench/instructions.txt"
CASES = ("plain", "hs256", "hs256_fresh")
TOLERANCE = 0.03
# What is only done once (the start, the first connection) is in both, and so in no difference.
FEW, MANY = 1000, 3000
HEAD = """\
# Instructions of one keep-alive request, counted by scripts/instructions; after a change that is
# meant: scripts/instructions --update.
"""
# Libraries choose their code by the CPU, which valgrind hands through: the plainest, then, so that
# every machine counts the same. Nothing here depends on addresses.
SAME_EVERYWHERE = {
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-AVX,-AVX_Fast_Unaligned_Load,-AVX512F,-AVX512VL,-AVX512BW,-ERMS,-FSRM,-BMI1,-BMI2,-MOVBE,"
                      "-SSE4_2,-SSE4_1,-SSSE3,-RTM,-XSAVE,-XSAVEC",
    "OPENSSL_ia32cap": "~0x12400a0200000000:0",  # no PCLMULQDQ, SSSE3, XOP, MOVBE, AES-NI, AVX; of leaf 7 nothing
    "SIMDJSON_FORCE_IMPLEMENTATION": "fallback",
}


def run(case, times, profile):
    """All instructions of the process; `profile` is callgrind's file."""
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", str(DRIVER), case, str(times)],
        text=True, capture_output=True, env={"PATH": os.environ["PATH"], **SAME_EVERYWHERE}, check=False)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not collected:
        sys.exit(f"instructions: {case} failed:\n{done.stderr}")
    return int(collected[1])


def count(case):
    """Of one request."""
    with tempfile.TemporaryDirectory(prefix="tollgate-instructions-") as folder:
        few, many = (run(case, times, pathlib.Path(folder) / "out") for times in (FEW, MANY))
    return round((many - few) / (MANY - FEW))


def recorded():
    if not RECORD.exists():
        return {}
    lines = RECORD.read_text(encoding="utf-8").splitlines()
    return {name: int(value) for name, value in (line.split() for line in lines if line and line[0] != "#")}


def compare(counts, before):
    """Prints a line for each case; whether all are as recorded."""
    good = True
    for case in before.keys() - counts.keys():
        print(f"{case}: {RECORD.relative_to(ROOT)} has it, but nothing counts it: FAILED")
        good = False
    for case, value in counts.items():
        if case not in before:
            print(f"{case}: {value:,} instructions; {RECORD.relative_to(ROOT)} does not know it")
            good = False
            continue
        change = value / before[case] - 1
        within = abs(change) <= TOLERANCE
        good = good and within
        print(f"{case}: {value:,} instructions, {change:+.1%} of {before[case]:,}"
              + ("" if within else f": FAILED, more than {TOLERANCE:.0%}; if it is meant: scripts/instructions --update"))
    return good


def profile(case):
    with tempfile.TemporaryDirectory(prefix="tollgate-instructions-") as folder:
        out = pathlib.Path(folder) / "out"
        run(case, MANY, out)
        subprocess.run(["callgrind_annotate", "--auto=no", str(out)], check=True)


def main():
    parser = argparse.ArgumentParser(prog="scripts/instructions")
    parser.add_argument("--update", action="store_true", help="write the counts as those that are right")
    parser.add_argument("--profile", choices=CASES, metavar="CASE", help="print which functions they are in")
    options = parser.parse_args()
    if options.profile:
        profile(options.profile)
        return 0
    counts = {case: count(case) for case in CASES}
    if options.update:
        RECORD.write_text(HEAD + "".join(f"{case} {value}\n" for case, value in counts.items()), encoding="utf-8")
    return 0 if compare(counts, recorded()) else 1


if __name__ == "__main__":
    sys.exit(main())
