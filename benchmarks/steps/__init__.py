"""The time of a training step: this library, hand-written code in the style of the Keras guides, PyTorch."""
