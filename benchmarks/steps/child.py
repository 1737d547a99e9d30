"""One process per side, so that each has its own memory and its own first step; the parent asks them in turn."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable


class Child:
    """A Python process that answers commands, one JSON line each.

    Args:
        interpreter: The Python to run.
        module: What it runs, which calls `serve`.
        arguments: Strings for its command line.
        folder: Another checkout, which it runs in and imports from. Defaults to this one.

    Raises:
        RuntimeError: If it ends without an answer; the text is the end of its standard error.
    """

    def __init__(self, interpreter: str, module: str, *arguments: str, folder: str | None = None):
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - it lives as long as the process
        command = [interpreter, "-m", module, *arguments]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._errors}
        elsewhere = {} if folder is None else {"cwd": folder, "env": {**os.environ, "PYTHONPATH": folder}}
        self._process = subprocess.Popen(command, text=True, **pipes, **elsewhere)

    def ask(self, *command: str):
        """Returns the answer to a command and its arguments."""
        try:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self._fail()
        answer = self._process.stdout.readline()
        if not answer:
            self._fail()
        return json.loads(answer)

    def end(self) -> None:
        """Lets the process end."""
        self._process.stdin.close()
        self._process.wait()

    def _fail(self):
        self._process.wait()
        self._errors.seek(0)
        raise RuntimeError(f"{' '.join(self._process.args)} ended:\n{self._errors.read()[-3000:]}")


def serve(commands: dict[str, Callable]) -> None:
    """Answers commands by calling the function of that name, until standard input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(commands[name](*arguments)), file=answers, flush=True)
