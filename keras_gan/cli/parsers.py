"""The flags of each command, and its help. Nothing here imports TensorFlow, so that both come at once."""

from absl import flags

from keras_gan.cli import config_flags, sizes

MODEL = "A run folder, the .keras file of a GAN, or a SavedModel: a version, or the folder of its versions."
PICTURE = "The picture to write, as its suffix says: png, jpg, jpeg, webp, bmp, gif, tif or tiff."
LABELS = "One label, or n labels, for a conditional GAN: numbers, or names of classes."
MATCHED = "Of rows of a run or a .keras file: chosen among four times as many, with the data's shares of categories."
SERVED = "The folder of an exported model's versions, saved_models/NAME, its newest version, or a run."
STRATEGIES = ("none", "mirrored", "multi_worker")
MEASURES = ("frechet", "kid", "score", "precision", "recall", "density", "coverage")
EXTRACTORS = ("auto", "digits_cnn", "pixels", "inception", "random_features")
FORMATS = ("tflite", "onnx")
MIXED = ("coarse", "middle", "fine")
ENCODINGS = ("jpeg", "png", "raw")
DEMOS = ("figure1",)
SHELLS = ("bash", "zsh", "fish")
MOST = 100_000  # pictures that one command draws
HIGHEST_VERSION = 2**63 - 1
SERVER = "tensorflow_model_server"
PLACES = {  # `compare x y` is `compare --a=x --b=y`
    "compare": ("a", "b"),
    "report": ("run_dir",),
    "demo": ("name",),
    "completion": ("shell",),
}


def train(values: flags.FlagValues) -> None:
    """Trains a GAN, or another --model, and leaves pictures, curves, the model and a SavedModel behind.

    keras-gan train --model=cycle_gan --a=folder:horses --b=folder:zebras --image_size=64
    keras-gan train --model=auto --dataset=folder:pictures --image_size=64
    keras-gan train --dataset=table:people.csv --label=income
    keras-gan train --dataset=series:stock.csv --window=24

    The same command resumes a run that was stopped, as if it had not been. With --nostrict another one may resume
    it, say with a smaller learning rate after losses became NaN.
    """
    config_flags.define_flags(values)
    flags.DEFINE_alias("preset", "model", flag_values=values)
    flags.DEFINE_enum(
        "strategy",
        "none",
        list(STRATEGIES),
        "mirrored: all GPUs of this machine; multi_worker: those of all machines of TF_CONFIG, where the same command "
        "runs. --batch_size is that of all together.",
        flag_values=values,
    )
    flags.DEFINE_boolean(
        "overwrite",
        False,
        "Replace a run that has finished, or is another one. Files that no run wrote stay.",
        flag_values=values,
    )
    flags.DEFINE_boolean(
        "strict",
        True,
        "Go on only with a run of the same flags; --nostrict takes one of others if its weights fit.",
        flag_values=values,
    )
    flags.DEFINE_boolean(
        "profile", False, "Write a trace of ten steps to RUN_DIR/profile, for TensorBoard.", flag_values=values
    )
    flags.DEFINE_boolean("dry_run", False, "Print the resolved configuration as JSON and stop.", flag_values=values)


def prepare(values: flags.FlagValues) -> None:
    """Writes a folder of pictures as records, once, on all cores: for sets that do not fit in memory.

    keras-gan prepare --folder=my/pictures --image_size=256 --out=pictures

    Then: keras-gan train --dataset=records:pictures. Pictures that cannot be read are named and skipped. The same
    command resumes where it was stopped.
    """
    flags.DEFINE_string("folder", None, "The folder of pictures, of any depth, or a zip of them.", flag_values=values)
    flags.DEFINE_string("out", None, "A new or empty folder for the records.", flag_values=values)
    sizes.define(values, "A side, or HEIGHTxWIDTH, to cut and scale to. Default: the pictures' own.", least=1)
    flags.DEFINE_boolean(
        "alpha",
        False,
        "Keep transparency as a fourth channel; else it is laid on white.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "encoding",
        None,
        list(ENCODINGS),
        "jpeg is small, png exact, raw exact and fast to read. Default: jpeg, with --alpha png.",
        flag_values=values,
    )
    flags.DEFINE_integer("quality", 95, "Of JPEG.", lower_bound=1, upper_bound=100, flag_values=values)
    flags.DEFINE_string(
        "labels",
        None,
        "The class of each picture: a dataset.json as StyleGAN's, or a CSV file with the columns file and label. "
        "Default: a dataset.json or labels.csv in the folder itself, or the folders of the first level.",
        flag_values=values,
    )
    flags.DEFINE_boolean("overwrite", False, "Replace other records in --out.", flag_values=values)


def sample(values: flags.FlagValues) -> None:
    """Draws samples of a saved GAN as one picture, or writes rows of a table or windows of a series. It needs no data.

    keras-gan sample --model=runs/people --n=1000 --where="income=>50K" --where=age=30..40 --out=rows.csv
    keras-gan sample --model=runs/stock --n=1000 --out=windows.npy
    """
    flags.DEFINE_string("model", None, MODEL, flag_values=values)
    flags.DEFINE_integer("n", 64, f"How many samples: pictures up to {MOST:,}.", lower_bound=1, flag_values=values)
    flags.DEFINE_string(
        "out",
        None,
        f"{PICTURE} Default: samples.png. Of rows and windows a csv, tsv or parquet file, of windows also npy. "
        "Default: samples.csv.",
        flag_values=values,
    )
    flags.DEFINE_multi_string(
        "where",
        [],
        "Of rows: NAME=VALUE, what all of them must meet; of a column of numbers or dates NAME=A..B. May be repeated.",
        flag_values=values,
    )
    flags.DEFINE_boolean("match_shares", False, MATCHED, flag_values=values)
    flags.DEFINE_integer("seed", 0, "The same seed draws the same samples.", lower_bound=0, flag_values=values)
    flags.DEFINE_list(
        "labels",
        None,
        LABELS,
        flag_values=values,
    )
    flags.DEFINE_list(
        "values",
        None,
        "Of a game of another shape than a GAN: what is shown, such as fake_a. Default: all that it makes of noise.",
        flag_values=values,
    )
    flags.DEFINE_integer("columns", None, "Samples in a row.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("scale", None, "Pixels a pixel.", lower_bound=1, flag_values=values)
    flags.DEFINE_string("grid", None, "ROWSxCOLUMNS, such as 3x5, in place of --n and --columns.", flag_values=values)
    flags.DEFINE_list(
        "truncation",
        None,
        "Variety given up for quality: of StyleGAN2 the share by which w is drawn towards its mean (1: not at all), of "
        "normal latents the most they may be off 0. Several, such as 1,0.7,0.4: a row for each.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "interpolate",
        None,
        "Each row walks from one sample to another in that many steps; of --video that many frames.",
        lower_bound=2,
        upper_bound=1000,
        flag_values=values,
    )
    flags.DEFINE_string(
        "video",
        None,
        "Write a film of samples that walk from place to place and back, in place of --out: gif, webp or png.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "mix",
        None,
        list(MIXED),
        "Of StyleGAN2: a grid of mixed styles. Which third of the layers is given the style of the first row, others "
        "that of the first column.",
        flag_values=values,
    )


def project(values: flags.FlagValues) -> None:
    """Finds given pictures in the latent space of a saved model, and draws them beside what it makes there.

    keras-gan project --model=runs/faces --image=me.png
    """
    flags.DEFINE_string("model", None, "A run folder, or the .keras file of a GAN or of StyleGAN2.", flag_values=values)
    flags.DEFINE_multi_string("image", [], "The picture. May be repeated.", flag_values=values)
    flags.DEFINE_string("out", "projected.png", PICTURE, flag_values=values)
    flags.DEFINE_string(
        "codes", None, "The vectors that were found, (N, d), as .npy. Default: beside --out.", flag_values=values
    )
    flags.DEFINE_list("labels", None, "The label, for a conditional model.", flag_values=values)
    flags.DEFINE_integer("steps", 500, "Steps of the search.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("seed", 0, "Of where the search begins.", lower_bound=0, upper_bound=2**31, flag_values=values)
    flags.DEFINE_enum(
        "extractor",
        "none",
        ["none", "inception", "random_features"],
        "By what features pictures are compared too, beside their pixels at several sizes.",
        flag_values=values,
    )
    flags.DEFINE_integer("scale", None, "Pixels a pixel.", lower_bound=1, flag_values=values)


def translate(values: flags.FlagValues) -> None:
    """Translates a folder of pictures with a trained model: what it makes of each becomes a PNG of the same name.

    keras-gan translate --model=runs/zebras --folder=horses --out=zebras

    Sub folders are kept. The first pictures are also drawn beside what became of them, as OUT/side-by-side.png.
    """
    flags.DEFINE_string("model", None, MODEL, flag_values=values)
    flags.DEFINE_string("folder", None, "The folder of pictures; nothing in it is changed.", flag_values=values)
    flags.DEFINE_string("out", None, "The folder of what is made of them, outside of that.", flag_values=values)
    flags.DEFINE_string(
        "value",
        None,
        "What is made, such as translate_ba or fake_a. Default: the model's first that makes pictures of pictures.",
        flag_values=values,
    )
    flags.DEFINE_multi_string(
        "given",
        [],
        "NAME=NUMBER, the same for all pictures: the class `target` of star_gan, by its number or its name.",
        flag_values=values,
    )
    flags.DEFINE_boolean(
        "resize", True, "Cut and scale pictures of other sizes to that of the model.", flag_values=values
    )
    flags.DEFINE_boolean("overwrite", False, "Replace files in --out of the same names.", flag_values=values)
    flags.DEFINE_integer("batch_size", 32, "Pictures at a time.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("seed", 0, "Of what the model draws.", lower_bound=0, upper_bound=2**31, flag_values=values)


def evaluate(values: flags.FlagValues) -> None:
    """Measures samples against real pictures, with the same of real data beside it, and keeps each number's provenance.

    The samples are of a saved GAN, an exported SavedModel, a folder of pictures that any other program made, or rows of
    a table: --model=table:made.csv --dataset=table:training.csv --held_out=others.csv --label=income. Of a run on a
    table --model=runs/people --held_out=others.csv is enough. Windows of a series are those of a run, or of
    --model=series:made.npy --dataset=series:stock.csv.
    """
    flags.DEFINE_string(
        "model",
        None,
        "A run folder, a .keras file of a GAN, a SavedModel, folder:PATH of pictures, table:PATH of rows, or "
        "series:PATH of windows.",
        flag_values=values,
    )
    flags.DEFINE_boolean("match_shares", False, MATCHED, flag_values=values)
    flags.DEFINE_string("held_out", None, "Of tables: real rows that the model was not trained on.", flag_values=values)
    flags.DEFINE_string("label", None, "Of tables: the column that learners predict.", flag_values=values)
    flags.DEFINE_string(
        "columns",
        None,
        "Of a file of rows or windows: those that are measured, names by commas. Default: all of --dataset.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "kinds",
        None,
        "Of a file of rows: what columns are that are not what they seem, such as zip=category,born=date.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "value",
        None,
        "Of a game that makes several kinds of pictures of noise: which, such as fake_a.",
        flag_values=values,
    )
    flags.DEFINE_string("dataset", None, "The real pictures. Default: what the run was trained on.", flag_values=values)
    flags.DEFINE_string(
        "split", "test", "What samples are compared with. A folder is cut in halves.", flag_values=values
    )
    flags.DEFINE_list("metrics", None, f"Of {', '.join(MEASURES)}. Default: all.", flag_values=values)
    flags.DEFINE_string(
        "extractor",
        "auto",
        f"What metrics see pictures by: {', '.join(EXTRACTORS)}, or a .keras file of any model that makes features of "
        "pictures. auto is a classifier of the data set for small grey pictures with labels, else Inception. pixels "
        "and random_features have not learned from pictures, and do not tell blurred from real ones.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "n", None, "How many samples. Default: 10,000, or all there are.", lower_bound=2, flag_values=values
    )
    flags.DEFINE_integer("seed", 0, "Of the samples.", lower_bound=0, upper_bound=2**31, flag_values=values)
    sizes.define(values, "The side, or HEIGHTxWIDTH, of the real pictures. Default: the samples'.")
    flags.DEFINE_string(
        "out",
        None,
        "The file to add to. Default: metrics.jsonl of the run, or NAME_metrics.jsonl beside what is no run's. Of "
        "tables and series: the .json file to write, of tables with a page beside it. Default: evaluation.json of the "
        "run, or NAME_evaluation.json beside the rows.",
        flag_values=values,
    )


def compare(values: flags.FlagValues) -> None:
    """Compares two evaluations, metric by metric: `keras-gan compare runs/a runs/b`.

    Only numbers of one protocol are compared; any other pair is refused, with the reason.
    """
    for name, which in (("a", "first"), ("b", "second")):
        help = f"The {which} run folder, or a file of metrics; `--{name}=` may be left out."
        flags.DEFINE_string(name, None, help, flag_values=values)


def report(values: flags.FlagValues) -> None:
    """Writes the page of a run: `keras-gan report runs/mnist`. It shows a run that is still running, too."""
    flags.DEFINE_string("run_dir", None, "The run folder; `--run_dir=` may be left out.", flag_values=values)
    flags.DEFINE_string("out", None, "The HTML file to write. Default: RUN_DIR/report.html.", flag_values=values)


def export(values: flags.FlagValues) -> None:
    """Writes the generator of a saved GAN as a SavedModel, as the next version of a model's folder."""
    flags.DEFINE_string("model", None, MODEL, flag_values=values)
    flags.DEFINE_string("export_dir", None, "The model's folder. Default: saved_models/NAME.", flag_values=values)
    flags.DEFINE_integer("version", None, "Default: the next free one.", 1, HIGHEST_VERSION, flag_values=values)
    flags.DEFINE_list(
        "values",
        None,
        "Of a game of another shape than a GAN: the values to export, such as fake_b. Default: what is judged as fake.",
        flag_values=values,
    )
    flags.DEFINE_boolean("discriminate", False, "Also export the discriminator's scores.", flag_values=values)
    flags.DEFINE_boolean("truncation", False, "Requests may choose a truncation of Normal latents.", flag_values=values)
    flags.DEFINE_integer(
        "max_samples", 1024, "The most samples a request may ask for.", lower_bound=1, flag_values=values
    )
    flags.DEFINE_integer(
        "keep", None, "Remove the oldest versions beyond this many. Default: none.", lower_bound=1, flag_values=values
    )


def convert(values: flags.FlagValues) -> None:
    """Converts an exported generator to a TFLite (LiteRT) or ONNX file, and checks that it gives the same images."""
    flags.DEFINE_string("model", None, MODEL, flag_values=values)
    flags.DEFINE_enum("format", "tflite", list(FORMATS), "What to write.", flag_values=values)
    flags.DEFINE_string(
        "signature",
        "serving_default",
        "What is converted: of a game of another shape than a GAN a value or a task that takes no seed, such as "
        "translate_ab.",
        flag_values=values,
    )
    flags.DEFINE_string("output", None, "The file to write. Default: NAME.FORMAT.", flag_values=values)


def play(values: flags.FlagValues) -> None:
    """Writes a folder that is a web page, in which the model itself makes pictures in the visitor's browser.

    keras-gan play --model=runs/mnist --out=page --serve

    The page needs no server of its own, asks no other host for anything, and shows for a seed the pictures that
    `keras-gan sample` draws. It takes `pip install "keras_gan[onnx]"`, and npm, which fetches ONNX Runtime Web once.
    """
    flags.DEFINE_string("model", None, MODEL, flag_values=values)
    flags.DEFINE_string("out", None, "The folder to write.", flag_values=values)
    flags.DEFINE_string(
        "value",
        None,
        "Of a game of another shape than a GAN: the value or task, such as translate_ab. Default: the first that makes "
        "pictures of draws and at most one picture.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "runtime",
        None,
        "A folder with ort.wasm.bundle.min.mjs and ort-wasm-simd-threaded.wasm of the npm package onnxruntime-web. "
        "Default: npm fetches them, and they are kept.",
        flag_values=values,
    )
    flags.DEFINE_boolean("overwrite", False, "Replace a page in --out.", flag_values=values)
    flags.DEFINE_boolean("serve", False, "Serve the page on this machine until Ctrl-C.", flag_values=values)
    flags.DEFINE_integer("port", 8000, "Of --serve; 0 is any free one.", 0, 65535, flag_values=values)


def serve(values: flags.FlagValues) -> None:
    """Starts TensorFlow Serving with an exported model, and says when it answers. Ctrl-C or SIGTERM ends both."""
    flags.DEFINE_string(
        "model",
        None,
        SERVED,
        flag_values=values,
    )
    flags.DEFINE_string("name", None, "The name in requests. Default: the folder's.", flag_values=values)
    flags.DEFINE_integer("port", 8500, "Of gRPC.", flag_values=values)
    flags.DEFINE_integer("rest_port", 8501, "Of REST.", flag_values=values)
    flags.DEFINE_boolean(
        "batching",
        False,
        "Merge requests by batching.config: for serving_default and discriminate; the server then refuses the others.",
        flag_values=values,
    )
    flags.DEFINE_string("binary", SERVER, "The server's name on the PATH, or its path.", flag_values=values)
    flags.DEFINE_multi_string("flag", [], "A further flag of the server. May be repeated.", flag_values=values)
    flags.DEFINE_float("timeout", 300.0, "Seconds until the model must answer.", lower_bound=0.0, flag_values=values)


def request(values: flags.FlagValues) -> None:
    """Asks a model that TensorFlow Serving serves for pictures, and writes them as one; or for rows or windows."""
    flags.DEFINE_string("url", "http://localhost:8501", "http(s):// for REST, grpc(s):// for gRPC.", flag_values=values)
    flags.DEFINE_string("model", None, "The model's name on the server.", flag_values=values)
    flags.DEFINE_integer("version", None, "Default: the newest.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("n", 16, "How many pictures, rows or windows.", lower_bound=1, flag_values=values)
    flags.DEFINE_string(
        "out",
        None,
        f"{PICTURE} Default: samples.png. Of rows and windows a csv, tsv or parquet file, of windows also npy. "
        "Default: samples.csv.",
        flag_values=values,
    )
    flags.DEFINE_integer("seed", 0, "The same seed gives the same ones.", lower_bound=0, flag_values=values)
    flags.DEFINE_integer(
        "end_seed", None, "If given, the n pictures walk from --seed to this one.", lower_bound=0, flag_values=values
    )
    flags.DEFINE_list(
        "labels",
        None,
        LABELS,
        flag_values=values,
    )
    flags.DEFINE_string(
        "export_dir",
        None,
        "The model's folder on this machine, for what the server does not tell: names of classes, the range of pixels, "
        "dtypes of columns. Default: saved_models/MODEL.",
        flag_values=values,
    )
    flags.DEFINE_float("truncation", None, "For a model that was exported with it.", flag_values=values)
    flags.DEFINE_integer("columns", None, "Pictures in a row.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("scale", None, "Pixels a pixel.", lower_bound=1, flag_values=values)
    flags.DEFINE_float("timeout", 60.0, "Seconds that an attempt may take.", flag_values=values)
    flags.DEFINE_integer("retries", 3, "Further attempts if the server cannot be reached.", flag_values=values)
    flags.DEFINE_string("ca_file", None, "A PEM file of the certificates to trust.", flag_values=values)


def info(values: flags.FlagValues) -> None:
    """Shows what a saved GAN or a SavedModel holds; without --model, what this installation knows."""
    flags.DEFINE_string("model", None, MODEL, flag_values=values)


def demo(values: flags.FlagValues) -> None:
    """Plays a demonstration and draws it, as a PNG and a film.

    `keras-gan demo figure1` is figure 1 of the 2014 paper.
    """
    flags.DEFINE_enum("name", None, list(DEMOS), "Which one; `--name=` may be left out.", flag_values=values)
    flags.DEFINE_string("out", None, "The folder for the pictures. runs/NAME if not given.", flag_values=values)
    flags.DEFINE_integer("seed", 0, "Of all randomness.", lower_bound=0, flag_values=values)
    flags.DEFINE_boolean("smoke", False, "A few steps only.", flag_values=values)


def completion(values: flags.FlagValues) -> None:
    """Prints what makes a shell complete commands and flags.

    bash: eval "$(keras-gan completion bash)", in ~/.bashrc; zsh: the same with zsh, in ~/.zshrc; fish: keras-gan
    completion fish > ~/.config/fish/completions/keras-gan.fish
    """
    flags.DEFINE_enum("shell", None, list(SHELLS), "Which one; `--shell=` may be left out.", flag_values=values)
