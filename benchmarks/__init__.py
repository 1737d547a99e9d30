"""Measurements that are too slow for CI; their results are committed beside them."""
