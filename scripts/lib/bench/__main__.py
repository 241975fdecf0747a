"""scripts/bench: which of the benchmarks, and what ends all of them. See scripts/bench.

SPDX-License-Identifier: Apache-2.0
"""
import signal
import sys

import contrast_command
import growth_command
import peers_command
from servers import Broken

COMMANDS = {"peers": peers_command, "contrast": contrast_command, "growth": growth_command}


def main(arguments):
    named = bool(arguments) and arguments[0] in COMMANDS
    command = COMMANDS[arguments[0] if named else "peers"]
    # As Ctrl-C: whatever is under way is ended on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    return command.main(arguments[1:] if named else arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Broken as problem:
        sys.exit(f"bench: {problem}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
