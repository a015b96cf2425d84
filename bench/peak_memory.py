#!/usr/bin/env python3
"""What a command takes in memory at most.

    bench/peak_memory.py build/release/tamis index CORPUS.jsonl --index NEW --encoder bm25 --memory 512M --quiet

Looks at the process every 20 ms: anonymous memory (RssAnon) at its largest, and all of it with mapped files (VmHWM). Linux only.
"""
import subprocess
import sys
import time
from pathlib import Path


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    process = subprocess.Popen(sys.argv[1:])
    anonymous = whole = 0
    while process.poll() is None:
        try:
            said = dict(line.split(":", 1) for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
            anonymous = max(anonymous, int(said["RssAnon"].split()[0]))
            whole = max(whole, int(said["VmHWM"].split()[0]))
        except (OSError, KeyError):
            pass  # it has just ended
        time.sleep(.02)
    print(f"RssAnon {anonymous // 1024} MB, VmHWM {whole // 1024} MB", file=sys.stderr)
    sys.exit(process.returncode)


if __name__ == "__main__":
    main()
