"""The versions that run lie in the ranges of `setup.py`."""

import importlib.metadata
import pathlib
import re

import pytest
from packaging.requirements import Requirement

import keras_gan

SETUP = (pathlib.Path(__file__).parents[1] / "setup.py").read_text(encoding="utf-8")
REQUIRED = SETUP[SETUP.index("install_requires=[") : SETUP.index("extras_require")]


@pytest.mark.parametrize("line", re.findall(r'"(.+?)",', REQUIRED))
def test_what_runs_is_what_is_admitted(line):
    requirement = Requirement(line)
    assert importlib.metadata.version(requirement.name) in requirement.specifier


def test_the_citation_names_this_version():
    citation = (pathlib.Path(__file__).parents[1] / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {keras_gan.__version__}\n" in citation
