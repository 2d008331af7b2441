"""Measurements side by side, each a program of its own."""

import os

# As in the settings.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
