"""Figure 1 of the 2014 paper: four stages of training as a PNG, and all of it as a film.

    python examples/figure1.py         # most of a minute on 2 cores
    python examples/figure1.py --smoke

`keras-gan demo figure1` does the same. Goodfellow et al., 2014, figure 1 and section 4.1.
"""

import math

from absl import app, flags

from keras_gan.demos import drawing, figure1

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps only.")
OUT = flags.DEFINE_string("out", "runs/figure1", "Where the pictures go.")


def main(argv):
    del argv
    gan = figure1.game(seed=0)
    moments = list(figure1.play(gan, frames=2 if SMOKE.value else None))
    print(figure1.table(moments))

    # Theorem 1: no D gets more than -log 4 + 2 JSD, and at p_g = p_data that is -log 4.
    slack = min(moment.criterion - moment.value for moment in moments)
    print(f"-log 4 = {-math.log(4):.4f}. The bound exceeds V by at least {slack:.1e} all along.")

    for path in drawing.save(OUT.value, moments):
        print(path)


if __name__ == "__main__":
    app.run(main)
