"""Measurements that are too slow for CI; their results are committed beside them."""

import subprocess


def commit() -> str:
    """Returns the short hash of the checked out commit, for a record."""
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip()
