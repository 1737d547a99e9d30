"""The table of presets, one for each family of games. To add one, write it in a module of `ROOMS`, with its players.

These modules access the library through `keras_gan`, which imports its rooms when a game is made, so that listing
presets needs no TensorFlow.
"""

from keras_gan.presets import codes, domains, gans, modern, restoring, series, tables, translating

ROOMS = (gans, modern, codes, domains, restoring, translating, tables, series)
PRESETS = {preset.name: preset for room in ROOMS for preset in room.PRESETS}
