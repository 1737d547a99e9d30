"""`python -m keras_gan` is `keras-gan`."""

from keras_gan.cli.__main__ import run

if __name__ == "__main__":
    run()
