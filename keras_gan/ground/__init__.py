"""What every room stands on: arguments, files, shapes, replicas, workers."""
