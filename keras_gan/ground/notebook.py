"""The output of a notebook's cell."""

import sys


def is_running() -> bool:
    """Checks whether this code runs in a notebook's cell: Jupyter, Colab, or another front end of IPython's kernel.

    IPython is not imported: where it is not loaded, no kernel runs.

    >>> is_running()
    False
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell is not None and "IPKernelApp" in shell.config


class Output:
    """A place below the cell that runs, which shows one picture, the newest. Outside of a notebook it shows nothing."""

    def __init__(self) -> None:
        self._handle = None

    def show(self, png: bytes) -> None:
        """Shows a picture, the bytes of a PNG file, in place of the one before."""
        if not is_running():
            return
        display = sys.modules["IPython"].display
        picture = display.Image(data=png, format="png")
        if self._handle is None:
            self._handle = display.display(picture, display_id=True)
        else:
            self._handle.update(picture)
