#!/usr/bin/env python3
"""Checks that clang-format would change no file. `clang-format -i FILE` mends one.

SPDX-License-Identifier: Apache-2.0
"""
import subprocess
import sys

from lib import project

BATCH = 40  # files a process: starting one costs as much as a few files


def complaints(batch):
    names = [project.relative(path) for path in batch]
    result = subprocess.run(["clang-format", "--Werror", "-n", *names], cwd=project.ROOT, text=True,
                            capture_output=True, check=False)
    if result.returncode == 0:
        return ""
    # The lines themselves say enough: clang-format would print the code of each too.
    places = [line for line in result.stderr.splitlines() if ": error: " in line]
    return "\n".join(places) or result.stderr.rstrip() or f"clang-format: {result.returncode}"


def main():
    code = project.files(project.CODE, (".h", ".cc"))
    batches = [tuple(code[start:start + BATCH]) for start in range(0, len(code), BATCH)]
    broken = 0
    for _, text in project.run_all(complaints, batches):
        if text:
            print(text)
            broken += 1
    print(f"{len(code)} files")
    return broken != 0


if __name__ == "__main__":
    sys.exit(main())
