#!/usr/bin/env python3
"""Checks that no file of code is longer than a reader's patience, and that each
says at its head under which license it stands.

SPDX-License-Identifier: Apache-2.0
"""
import sys

from lib import project

LIMIT = 400  # lines
HEAD = 40  # lines in which the license tag must be: a file may begin with what it is
TAG = "SPDX-License-Identifier: Apache-2.0"


def main():
    code = project.files(project.CODE, (".h", ".cc", ".cpp"))
    broken = 0
    for path in code:
        lines = path.read_text(encoding="utf-8").splitlines()
        if len(lines) > LIMIT:
            print(f"{project.relative(path)}:{LIMIT + 1}: {len(lines)} lines; more than {LIMIT} are to be split")
            broken += 1
        if not any(TAG in line for line in lines[:HEAD]):
            print(f"{project.relative(path)}:1: the head lacks the line \"// {TAG}\"")
            broken += 1
    print(f"{len(code)} files")
    return broken != 0


if __name__ == "__main__":
    sys.exit(main())
