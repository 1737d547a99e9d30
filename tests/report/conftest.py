import contextlib
import json
import os
import shutil
import subprocess
import time

import numpy as np
import pytest
from PIL import Image

from keras_gan.evaluation import Record, append

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


@pytest.fixture
def make_run(tmp_path):
    """A function that writes a whole run folder; `text` is put wherever a run can say something."""

    def make(text="plain", frames=3, epochs=5):
        folder = tmp_path / "run"
        (folder / "samples").mkdir(parents=True)
        noise = np.random.default_rng(0)
        for i in range(frames):
            picture = Image.fromarray(noise.integers(0, 256, (20, 20, 3), "uint8"))
            picture.save(folder / "samples" / f"step-{1000 * (i + 1):08d}.png")
        config = {"name": text, "dataset": text, "objective": text, text: text, "ema": 0.999, "conditional": False}
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "finished.json").write_text('{"steps": 3000, "exported": "x"}')
        name = text.replace('"', '""')
        rows = "".join(f"{i},{1 / (i + 1)},{0.1 * i},{'NA' if i % 2 else 7 - i}\n" for i in range(epochs))
        (folder / "history.csv").write_text(f'epoch,d_loss,"{name}",val_frechet_distance\n{rows}')
        finding = {"failure": text, "first": 1000, "last": 2000, "what": text, "advice": text}
        looks = [{"step": 1000 * i, "separation": 0.5 + 0.1 * i, "diversity": None} for i in range(4)]
        (folder / "doctor.json").write_text(json.dumps({"findings": [finding], "examinations": looks}))
        hashes = {"extractor_hash": "ab" * 32, "reference_hash": "cd" * 32}
        counts = {"n": 10_000, "n_reference": 9_000, "n_real": 8_000, "seed": 3}
        texts = {"extractor": text, "resize": text, "dataset": text, "split": text, "created": text}
        known = {"better": "lower", "settings": {}, "versions": {"keras": text}, "model": {"path": text}}
        append(
            folder / "metrics.jsonl",
            [
                Record(metric="frechet", value=value, real=0.75, **hashes, **counts, **texts, **known)
                for value in (9.5, 3.25)
            ],
        )
        return folder

    return make


class Browser:
    """A page in Chromium, spoken to by its debugging pipe."""

    def __init__(self, process, to, answers):
        self.process, self.to, self.answers, self.count, self.events = process, to, answers, 0, []

    def ask(self, method, session=None, **params):
        self.count += 1
        message = {"id": self.count, "method": method, "params": params} | ({"sessionId": session} if session else {})
        self.to.write(json.dumps(message).encode() + b"\0")
        self.to.flush()
        return self._until(lambda answer: answer.get("id") == self.count)["result"]

    def open(self, url):
        """Loads a page, and notes all that it asks for and complains of."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.ask(f"{domain}.enable", self.session)
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
            if wanted(answer):
                self.events.append(answer)
                return answer
            self.events.append(answer)


@pytest.fixture
def browser(tmp_path):
    """Chromium without a window; the test is skipped where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium on the PATH")
    (reads, to), (answers, writes) = os.pipe(), os.pipe()
    # its pipe is the file descriptors 3 and 4
    command = ["bash", "-c", f'exec "$@" 3<&{reads} 4>&{writes}', "bash", program, *FLAGS]
    with contextlib.ExitStack() as stack:
        process = subprocess.Popen(
            [*command, f"--user-data-dir={tmp_path / 'profile'}"],
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
