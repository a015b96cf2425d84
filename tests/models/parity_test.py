#!/usr/bin/env python3
"""Makes larger random checkpoints with PyTorch and lets models_test compare: parity_test.py PATH/TO/models_test. Exits 77, which
ctest counts as skipped, where PyTorch or transformers are not installed."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    made = subprocess.run([sys.executable, Path(__file__).parent / "make_checkpoints.py", folder, "--size", "small"], check=False)
    if made.returncode != 0:
        sys.exit(made.returncode)
    done = subprocess.run([sys.argv[1], "--gtest_filter=Parity.larger*"], env={**os.environ, "TAMIS_PARITY": folder}, check=False)
    sys.exit(done.returncode)
