"""The package's metadata."""

import pathlib
import re

from setuptools import find_packages, setup

ROOT = pathlib.Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+)"', (ROOT / "keras_gan/__init__.py").read_text(encoding="utf-8")).group(1)

setup(
    name="keras_gan",
    version=VERSION,
    description="Adversarial learning for Keras 3 on TensorFlow",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    packages=find_packages(include=["keras_gan", "keras_gan.*"]),
    package_data={"keras_gan": ["py.typed"], "keras_gan.browser": ["page/*"]},
    install_requires=[
        "absl-py>=2.1,<3",
        "array_record>=0.8.1,<1; platform_system == 'Linux'",  # there are no others
        "certifi>=2024.7",  # no upper bound: the newest certificates are the right ones
        "importlib_resources>=6,<8",  # tensorflow-datasets imports it to prepare a set, but does not ask for it
        "keras>=3.15,<4",  # older ones cannot read the files of 0.1, saved by it
        "matplotlib>=3.9,<4",
        "numpy>=2,<3",
        "pillow>=11,<14",
        "scikit-learn>=1.6,<2",
        "tensorflow>=2.20,<2.22",
        "tensorflow-datasets>=4.9.9,<5",
    ],
    extras_require={
        "docs": [
            "mkdocs>=1.6,<2",
            "mkdocs-material>=9.5.50,<10",
            "mkdocstrings>=0.30,<2",
            "mkdocstrings-python>=1.16,<3",
            "ruff>=0.12,<1",  # formats signatures
        ],
        "serving": ["tensorflow-serving-api>=2.20,<2.22"],
        "tflite": ["ai-edge-litert>=2.3,<3"],
        "onnx": ["onnx>=1.17,<2", "onnxruntime>=1.20,<2", "tf2onnx>=1.17,<2"],
        "gpu": ["tensorflow[and-cuda]>=2.20,<2.22"],
        "privacy": ["dp-accounting>=0.6,<0.7"],
        "tables": ["pandas>=2.2,<4", "pyarrow>=16,<27"],
        "tensorboard": ["tensorboard>=2.20,<2.22"],
        "test": [
            "ai-edge-litert>=2.3,<3",
            "dp-accounting>=0.6,<0.7",
            "hypothesis>=6.100,<7",
            "ipykernel>=6.29,<8",
            "mypy>=1.15,<2",
            "nbclient>=0.10,<1",
            "nbformat>=5.10,<6",
            "onnx>=1.17,<2",
            "onnxruntime>=1.20,<2",
            "pandas>=2.2,<4",
            "pytest>=8,<10",
            "pytest-xdist>=3.6,<4",
            "pyyaml>=6,<7",
            "requests>=2.32,<3",
            "ruff>=0.12,<1",
            "scipy>=1.14,<2",
            "tensorboard>=2.20,<2.22",
            "tensorflow-serving-api>=2.20,<2.22",
            "tf2onnx>=1.17,<2",
        ],
    },
    entry_points={"console_scripts": ["keras-gan = keras_gan.cli.__main__:run"]},
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
)
