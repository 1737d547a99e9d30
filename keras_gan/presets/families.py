"""The table of presets: a row for each family of games. To add one, write its row here, and a function for its players.

Rooms of the library are reached through `keras_gan`, which imports them when a game is made: listing presets needs no
TensorFlow.
"""

from keras_gan.presets import codes, domains, gans, modern, restoring, series, tables, translating

ROOMS = (gans, modern, codes, domains, restoring, translating, tables, series)
PRESETS = {preset.name: preset for room in ROOMS for preset in room.PRESETS}
