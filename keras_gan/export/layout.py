"""The layout of a model's folder for TF Serving: numbered versions, and the server's configuration beside them."""

import json
import os
import pathlib
import re

from keras_gan.ground import files
from keras_gan.ground.arguments import check_count

HIGHEST = 2**63 - 1  # the server stores versions as int64
VERSION = re.compile("0|[1-9][0-9]*")

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
    """Returns the first free number above the highest version in a model's folder; 1 if there is no version."""
    version = max(versions(path), default=0) + 1
    while (pathlib.Path(path) / str(version)).exists():  # for example a file
        version += 1
    return version


def versions(path: str | os.PathLike) -> list[int]:
    """Returns the versions in a model's folder in ascending order: folders named as by `export`, not `007`."""
    path = files.check_path(path)
    children = path.iterdir() if path.is_dir() else ()
    return sorted(int(child.name) for child in children if VERSION.fullmatch(child.name) and child.is_dir())


def free_version(path: str | os.PathLike, version: int | None) -> pathlib.Path:
    """Returns the folder of a new version; None is the next version.

    Raises:
        ValueError: If `version` is not an integer from 1 to 2^63 - 1.
        FileExistsError: If the version exists.
    """
    version = check_count("version", next_version(path) if version is None else version, most=HIGHEST)
    folder = pathlib.Path(path) / str(version)
    if folder.exists():
        raise FileExistsError(f"`version` must be new. Received: version={version}, and {folder} exists")
    return folder


def prune(folder: pathlib.Path, keep: int) -> None:
    """Removes all but `keep` versions of a model's folder: the one in `folder` and the highest others stay."""
    others = [version for version in versions(folder.parent) if version != int(folder.name)]
    for version in others[: max(0, len(others) - (keep - 1))]:
        files.remove(folder.parent / str(version))


def write_configs(path: str | os.PathLike) -> None:
    """Writes the server's configuration files that do not exist; existing ones may have been edited, and are kept."""
    path = pathlib.Path(path)
    name = path.absolute().name
    base = f"/models/{name}"  # where the docker image looks for models
    model = MODEL.format(name=name, quoted=json.dumps(name), base_path=json.dumps(base))
    for file, text in (("model.config", model), ("monitoring.config", MONITORING), ("batching.config", BATCHING)):
        if not (path / file).exists():
            files.write_text(path / file, text)
