"""A CycleGAN between digits and their negatives or edges, as `recipes.digit_translation` trains it beside other models.

    TFDS_DATA_DIR=... python -m recipes.cycle_gan_digits --map=negative
    TFDS_DATA_DIR=... python -m recipes.cycle_gan_digits --map=edges

The committed records of this name are from the first version of the recipe, in which digits were domain `a`; a new run
writes `digit_translation_cycle_gan_*`.
"""

from absl import app

from recipes.digit_translation import main  # whose default model is CycleGAN

if __name__ == "__main__":
    app.run(main)
