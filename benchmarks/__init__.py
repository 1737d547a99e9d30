"""Measurements that are too slow for CI; their results are committed beside them."""

import subprocess


def commit(checkout: str | None = None) -> str:
    """Returns the short hash of the commit that is checked out in a folder, by default this one, for a record."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    return found.stdout.strip()
