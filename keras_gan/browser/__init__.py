"""Web pages on which a generator runs in the visitor's browser: folders of HTML, JavaScript, ONNX and WebAssembly."""

from keras_gan.browser.write import write_page

__all__ = ["write_page"]
