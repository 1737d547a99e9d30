"""A model's folder, as TF Serving wants it: numbered versions, and the server's configuration beside them."""

import json
import os
import pathlib

from keras_gan import files

MODEL = """\
# tensorflow_model_server --model_config_file=/models/{name}/model.config
model_config_list {{
  config {{
    name: {quoted}
    base_path: {base_path}
    model_platform: "tensorflow"
  }}
}}
"""
MONITORING = """\
# --monitoring_config_file, with --rest_api_port: metrics for Prometheus
prometheus_config {
  enable: true
  path: "/monitoring/prometheus/metrics"
}
"""
BATCHING = """\
# --enable_batching --batching_parameters_file, with --enable_model_warmup=false: the server then joins requests along
# axis 0 of every input. That suits serving_default and discriminate. Signatures that take a scalar (generate,
# generate_png, interpolate) are refused by such a server, in requests and in the warm-up: serve them by another one.
max_batch_size { value: 128 }
batch_timeout_micros { value: 2000 }
max_enqueued_batches { value: 64 }
num_batch_threads { value: 4 }
"""


def next_version(path: str | os.PathLike) -> int:
    """1 more than the highest version in a model's folder; 1 if there is none."""
    return max(versions(path), default=0) + 1


def versions(path: str | os.PathLike) -> list[int]:
    """The versions in a model's folder, lowest first."""
    path = pathlib.Path(path)
    return sorted(int(child.name) for child in path.iterdir() if child.name.isdecimal()) if path.is_dir() else []


def free_version(path: str | os.PathLike, version: int | None) -> pathlib.Path:
    """The folder of a version that does not exist yet; the next one of None.

    Raises:
        ValueError: If `version` is not an integer of at least 1.
        FileExistsError: If the version exists.
    """
    version = next_version(path) if version is None else version
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ValueError(f"`version` must be an integer of at least 1. Received: version={version!r}")
    folder = pathlib.Path(path) / str(version)
    if folder.exists():
        raise FileExistsError(f"`version` must be new. Received: version={version}, and {folder} exists")
    return folder


def prune(folder: pathlib.Path, keep: int) -> None:
    """Leaves `keep` versions in a model's folder: the one in `folder`, and the highest of the others."""
    others = [version for version in versions(folder.parent) if version != int(folder.name)]
    for version in others[: max(0, len(others) - (keep - 1))]:
        files.remove(folder.parent / str(version))


def write_configs(path: str | os.PathLike) -> None:
    """Writes the server's configuration where there is none: what is there may have been edited, and is kept."""
    path = pathlib.Path(path)
    name = path.absolute().name
    base = f"/models/{name}"  # where the docker image looks for models
    model = MODEL.format(name=name, quoted=json.dumps(name), base_path=json.dumps(base))
    for file, text in (("model.config", model), ("monitoring.config", MONITORING), ("batching.config", BATCHING)):
        if not (path / file).exists():
            files.write_text(path / file, text)
