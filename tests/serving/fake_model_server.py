"""A fake `tensorflow_model_server`: notes its flags and signals, and answers for its health. It can serve nothing.

`install(folder)` puts it there as an executable. The files beside it say how it behaves: it answers START as often as
`patience` says, and ends with code `exit_code` once it has answered AVAILABLE; or at once, if `broken` is there.
"""

import http.server
import json
import os
import pathlib
import signal
import sys

HERE = pathlib.Path(sys.argv[0]).parent


def install(folder, **behaviour):
    """The executable's path, in `folder`."""
    path = folder / "tensorflow_model_server"
    path.write_text(f"#!{sys.executable} -S\n{pathlib.Path(__file__).read_text(encoding='utf-8')}", encoding="utf-8")
    path.chmod(0o755)
    for name, value in behaviour.items():
        (folder / name).write_text(str(value), encoding="utf-8")
    return path


def says(name):
    path = HERE / name
    return int(path.read_text()) if path.exists() else None


class Health(http.server.BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self):
        Health.asked += 1
        state = "START" if Health.asked <= (says("patience") or 0) else "AVAILABLE"
        known = self.path == f"/v1/models/{FLAGS['model_name']}"
        row = {"version": "1", "state": state, "status": {"error_code": "OK", "error_message": ""}}
        body = json.dumps({"model_version_status": [row]} if known else {"error": f"no {self.path}"}).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if state == "AVAILABLE" and says("exit_code") is not None:
            self.wfile.flush()
            os._exit(says("exit_code"))

    def log_message(self, *_):
        pass


def note(number, _):
    with open(HERE / "signals", "a") as file:
        file.write(f"{signal.Signals(number).name}\n")
    if not (HERE / "deaf").exists():
        os._exit(0)


if __name__ == "__main__":
    (HERE / "argv.json").write_text(json.dumps(sys.argv[1:]))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    if says("broken") is not None:
        sys.exit(says("broken"))
    FLAGS = dict(flag.removeprefix("--").split("=", 1) for flag in sys.argv[1:] if "=" in flag)
    http.server.HTTPServer(("127.0.0.1", int(FLAGS["rest_api_port"])), Health).serve_forever()
