"""The page of a run: one HTML file that needs nothing else, not even a network."""

from keras_gan.report.page import FILE, to_html, write

__all__ = ["FILE", "to_html", "write"]
