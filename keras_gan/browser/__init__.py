"""A generator that runs in the visitor's browser: a folder of HTML, JavaScript, ONNX and WebAssembly."""

from keras_gan.browser.write import write_page

__all__ = ["write_page"]
