"""The output of a notebook's cell."""

import sys


def is_running() -> bool:
    """Returns whether this code runs in a notebook's cell: Jupyter, Colab, or another front end of IPython's kernel.

    IPython is not imported: if it is not loaded, no kernel runs.

    >>> is_running()
    False
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell is not None and "IPKernelApp" in shell.config


class Output:
    """An output below the running cell that shows the newest picture. Outside of a notebook it shows nothing."""

    def __init__(self) -> None:
        self._handle = None

    def show(self, png: bytes) -> None:
        """Shows a picture, the bytes of a PNG file, in place of the previous one."""
        if not is_running():
            return
        display = sys.modules["IPython"].display
        picture = display.Image(data=png, format="png")
        if self._handle is None:
            self._handle = display.display(picture, display_id=True)
        else:
            self._handle.update(picture)
