"""Shared tools of the package: arguments, files, shapes, replicas, workers."""
