"""What the tests of the program share: small documents, scratch folders, running the program."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TAMIS = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
ROOT = Path(__file__).resolve().parent.parent.parent

LOGS = """# Log files

How log files are kept in order.

## Rotation

### Weekly

To rotate a log file, logrotate renames it once a week and keeps four old ones.

### By size

The option size starts the rotation when the log file grows beyond a limit.

## Compression

Old log files are compressed with gzip.
"""
BREAD = "Bread rises faster in a warm kitchen.\n\nA pinch of salt slows the yeast.\n"
JSONL = "".join(json.dumps(document) + "\n" for document in [
    {"_id": "sun-1", "title": "The sun", "text": "The sun is a star made of hydrogen.", "metadata": {"year": 1999}},
    {"_id": "moon-2", "title": "The moon", "text": "The moon has no light of its own.", "metadata": {"year": 2024}},
    {"_id": "mars 3", "title": "Mars", "text": "Mars is a red planet with two small moons.", "metadata": {"year": 2024}},
])


class Run:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.out[:3000]}\n--- stderr\n{self.err[:3000]}"

    def lines(self):
        return self.out.splitlines()

    def json_lines(self):
        return [json.loads(line) for line in self.lines()]


class Scratch(unittest.TestCase):
    """Each test has an empty folder as home and current folder."""

    def setUp(self):
        self.home = Path(tempfile.mkdtemp(prefix="tamis-cli-"))
        self.addCleanup(self.clean)

    def clean(self):
        for path, folders, _ in os.walk(self.home):
            for folder in folders:
                os.chmod(Path(path) / folder, 0o755)
        shutil.rmtree(self.home)

    def environment(self, extra=None):
        keep = {name: value for name, value in os.environ.items()
                if name.endswith("SAN_OPTIONS") or name.startswith("LLVM_") or name.startswith("GCOV_")}
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "LC_ALL": "C.UTF-8", **keep, **(extra or {})}

    def tamis(self, *words, cwd=None, stdin=b"", env=None, code=None):
        done = subprocess.run([TAMIS, *map(str, words)], cwd=cwd or self.home, env=self.environment(env), input=stdin,
                              capture_output=True, timeout=300, check=False)
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        run = Run(done)
        self.assertIn(run.code, (0, 1, 2), run)
        self.assertNotIn("\x1b", run.out + run.err, "colours without a terminal")
        if code is not None:
            self.assertEqual(run.code, code, f"tamis {' '.join(map(str, words))[:200]}: {run}")
        if run.code == 2:
            self.assertTrue(run.err.strip(), "an error without a message")
        return run

    def write(self, name, text):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def docs(self):
        self.write("docs/admin/logs.md", LOGS)
        self.write("docs/bread.txt", BREAD)
        self.write("docs/sky.jsonl", JSONL)
        self.tamis("index", "--min-words", "1", "--target-words", "10", "docs", code=0)  # a passage a section
