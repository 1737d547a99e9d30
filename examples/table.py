"""CTGAN: synthetic rows of a table, also under conditions, and their evaluation.

python examples/table.py --table=people.csv --label=income    # minutes on 2 cores
python examples/table.py                                      # scikit-learn's 178 wines
python examples/table.py --smoke
"""

import pathlib

import numpy as np
from absl import app, flags

from keras_gan import data, evaluation, presets, report

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps only.")
TABLE = flags.DEFINE_string("table", None, "A CSV or Parquet file. Default: scikit-learn's wines.")
LABEL = flags.DEFINE_string("label", "wine", "The column that learners predict.")
STEPS = flags.DEFINE_integer("steps", 3000, "Of training.", lower_bound=1)
OUT = flags.DEFINE_string("out", "runs/table", "Where the rows, the numbers and the model go.")


def wines():
    from sklearn.datasets import load_wine

    found = load_wine(as_frame=True)
    names = np.array(["Barolo", "Grignolino", "Barbera"])
    return found.data.assign(wine=names[found.target.to_numpy()])


def main(argv):
    del argv
    frame = wines() if TABLE.value is None else data.Table(TABLE.value).frame
    frame = frame.sample(frac=1, random_state=0, ignore_index=True)
    count = round(0.7 * len(frame))
    train, held_out = frame.iloc[:count], frame.iloc[count:].reset_index(drop=True)

    table, preset = data.Table(train), presets.get("ctgan")  # finds what each column is
    print(table.schema)
    batch = preset.parts.batch_size(preset.batch_size, [len(table)])
    batches = preset.parts.batches({"real": table}, batch, seed=0, labels=False)
    steps = 2 if SMOKE.value else STEPS.value
    game = preset.build(table.schema, steps=steps, seed=0)
    game.fit(batches, epochs=max(1, steps // len(batches)), verbose=0)

    made = game.sample(len(train), seed=1)
    pathlib.Path(OUT.value).mkdir(parents=True, exist_ok=True)
    made.to_csv(f"{OUT.value}/rows.csv", index=False)
    rarest = table.frame[LABEL.value].value_counts().index[-1]
    print(f"Of {LABEL.value}={rarest} alone:", game.sample(5, conditions={LABEL.value: rarest}, seed=1), sep="\n")
    found = evaluation.evaluate_table(train, held_out, made, label=LABEL.value)
    print(found)
    print("The page:", report.write_table(found, f"{OUT.value}/report.html"))
    game.save(f"{OUT.value}/game.keras")


if __name__ == "__main__":
    app.run(main)
