"""Chromium without a window, for tests of pages."""

import contextlib
import json
import os
import shutil
import subprocess
import time

import pytest

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1200,900",
    "--remote-debugging-pipe",
]


class Browser:
    """A page in Chromium, spoken to by its debugging pipe."""

    def __init__(self, process, to, answers):
        self.process, self.to, self.answers, self.count, self.events = process, to, answers, 0, []

    def ask(self, method, session=None, **params):
        count = self._send(method, session, **params)
        return self._until(lambda answer: answer.get("id") == count)["result"]

    def _send(self, method, session=None, **params):
        self.count += 1
        message = {"id": self.count, "method": method, "params": params} | ({"sessionId": session} if session else {})
        self.to.write(json.dumps(message).encode() + b"\0")
        self.to.flush()
        return self.count

    def open(self, url):
        """Loads a page, and notes all that it asks for and complains of."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.ask(f"{domain}.enable", self.session)
        self.ask("Target.setAutoAttach", self.session, autoAttach=True, waitForDebuggerOnStart=True, flatten=True)
        self.visit(url)

    def visit(self, url):
        """Loads another page in its place."""
        self.events.clear()
        self.ask("Page.navigate", self.session, url=url)
        if not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self._until(lambda event: event.get("method") == "Page.loadEventFired")
        time.sleep(0.3)

    def run(self, script):
        """The value of an expression in the page."""
        found = self.ask("Runtime.evaluate", self.session, expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def wait_for(self, script, seconds=10):
        """Waits until an expression is true in the page."""
        end = time.monotonic() + seconds
        while not self.run(script):
            assert time.monotonic() < end, f"{script} did not come true in {seconds} s"
            time.sleep(0.1)

    def said(self, method):
        return [event["params"] for event in self.events if event.get("method") == method]

    def _until(self, wanted):
        while True:
            text = b""
            while not text.endswith(b"\0"):
                byte = self.answers.read(1)
                assert byte, "the browser ended"
                text += byte
            answer = json.loads(text[:-1])
            self.events.append(answer)
            if answer.get("method") == "Target.attachedToTarget" and answer["params"]["waitingForDebugger"]:
                for method in ("Network.enable", "Runtime.enable", "Runtime.runIfWaitingForDebugger"):  # of a worker
                    self._send(method, answer["params"]["sessionId"])
            if wanted(answer):
                return answer


@contextlib.contextmanager
def open_browser(profile):
    """A browser whose settings are kept in the folder `profile`; the test is skipped where there is no Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium on the PATH")
    (reads, to), (answers, writes) = os.pipe(), os.pipe()
    # its pipe is the file descriptors 3 and 4
    command = ["bash", "-c", f'exec "$@" 3<&{reads} 4>&{writes}', "bash", program, *FLAGS]
    with contextlib.ExitStack() as stack:
        process = subprocess.Popen(
            [*command, f"--user-data-dir={profile}"],
            pass_fds=(reads, writes),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(process.wait, timeout=30)
        stack.callback(process.kill)
        os.close(reads)
        os.close(writes)
        yield Browser(
            process, stack.enter_context(os.fdopen(to, "wb")), stack.enter_context(os.fdopen(answers, "rb", 0))
        )
