#!/usr/bin/env python3
"""Runs the real program in scratch folders, as a user would: python3 tests/cli/cli_test.py PATH/TO/tamis [TestName…]"""
import sys
import unittest

from encoding import Encode  # noqa: F401
from evaluating import Eval, EvalIndex  # noqa: F401
from indexing import Help, Index  # noqa: F401
from looking import OnATerminal, Others, Show  # noqa: F401
from meaning import Meaning  # noqa: F401
from models import Models, OverTheHub, Packages  # noqa: F401
from recall import Recall  # noqa: F401
from searching import Batch, Search, Vectors  # noqa: F401

if __name__ == "__main__":
    sys.argv.pop(1)  # the program's path: scratch.py has read it
    unittest.main(verbosity=1)
