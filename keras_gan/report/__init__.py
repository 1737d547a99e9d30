"""Pages of runs and of tables: self-contained HTML files that need no network."""

from keras_gan.report.page import FILE, to_html, write
from keras_gan.report.table import table_to_html, write_table

__all__ = ["FILE", "table_to_html", "to_html", "write", "write_table"]
