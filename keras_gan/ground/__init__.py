"""Tools of all rooms: arguments, files, shapes, replicas, workers."""
