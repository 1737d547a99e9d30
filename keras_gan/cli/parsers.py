"""The flags and the help of each command. Nothing here imports TensorFlow, so that help appears at once."""

from absl import flags

from keras_gan.cli import config_flags, sizes

MODEL = "A run folder, the .keras file of a GAN, or a SavedModel: a version, or the folder of its versions."
PICTURE = "Picture to write, in the format of its suffix: png, jpg, jpeg, webp, bmp, gif, tif or tiff."
LABELS = "For a conditional GAN: one label for all samples, or n labels, as numbers or names of classes."
MATCHED = "For rows of a run or a .keras file: make four times as many, and choose them by the data's category shares."
SERVED = "An exported model: the folder of its versions (saved_models/NAME), its newest version, or the run's folder."
SCALE = "Enlarge each pixel to SCALE x SCALE pixels. Default: 1, or more for small pictures."
STRATEGIES = ("none", "mirrored", "multi_worker")
MEASURES = ("frechet", "kid", "score", "precision", "recall", "density", "coverage")
EXTRACTORS = ("auto", "digits_cnn", "pixels", "inception", "random_features")
FORMATS = ("tflite", "onnx")
MIXED = ("coarse", "middle", "fine")
ENCODINGS = ("jpeg", "png", "raw")
DEMOS = ("figure1",)
SHELLS = ("bash", "zsh", "fish")
MOST = 100_000  # pictures that one command draws at most
HIGHEST_VERSION = 2**63 - 1
SERVER = "tensorflow_model_server"
POSITIONAL = {  # flags whose names may be left out: `compare x y` is `compare --a=x --b=y`
    "compare": ("a", "b"),
    "report": ("run_dir",),
    "demo": ("name",),
    "completion": ("shell",),
}


def train(values: flags.FlagValues) -> None:
    """Trains a GAN, or another --model, and writes pictures, curves, the model and a SavedModel.

    keras-gan train --model=cycle_gan --a=folder:horses --b=folder:zebras --image_size=64
    keras-gan train --model=auto --dataset=folder:pictures --image_size=64
    keras-gan train --dataset=table:people.csv --label=income
    keras-gan train --dataset=series:stock.csv --window=24

    The same command resumes a run that was stopped, as if it had not been. With --nostrict a command with other flags
    may resume it, for example with a smaller learning rate after losses became NaN.
    """
    config_flags.define_flags(values)
    flags.DEFINE_alias("preset", "model", flag_values=values)
    flags.DEFINE_enum(
        "strategy",
        "none",
        list(STRATEGIES),
        "mirrored: all GPUs of this machine; multi_worker: the GPUs of all machines of TF_CONFIG, each of which runs "
        "the same command. --batch_size counts the examples of all devices together.",
        flag_values=values,
    )
    flags.DEFINE_boolean(
        "overwrite",
        False,
        "Replace a run that has finished or has other flags. Files that no run wrote are kept.",
        flag_values=values,
    )
    flags.DEFINE_boolean(
        "strict",
        True,
        "Resume only a run with the same flags; --nostrict also resumes one with other flags if its weights fit.",
        flag_values=values,
    )
    flags.DEFINE_boolean(
        "profile", False, "Write a trace of ten steps for TensorBoard to RUN_DIR/profile.", flag_values=values
    )
    flags.DEFINE_boolean("dry_run", False, "Print the resolved configuration as JSON and stop.", flag_values=values)


def prepare(values: flags.FlagValues) -> None:
    """Writes a folder of pictures as records, once, on all cores: for data sets that do not fit in memory.

    keras-gan prepare --folder=my/pictures --image_size=256 --out=pictures

    Then: keras-gan train --dataset=records:pictures. Pictures that cannot be read are listed and skipped. The same
    command resumes where it was stopped.
    """
    flags.DEFINE_string("folder", None, "Folder of pictures, of any depth, or a zip of them.", flag_values=values)
    flags.DEFINE_string("out", None, "New or empty folder for the records.", flag_values=values)
    sizes.define(values, "Cut and scale to this side, or to HEIGHTxWIDTH. Default: the pictures' own size.", least=1)
    flags.DEFINE_boolean(
        "alpha",
        False,
        "Keep transparency as a fourth channel; otherwise pictures are laid on white.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "encoding",
        None,
        list(ENCODINGS),
        "jpeg is small, png is exact, raw is exact and fast to read. Default: jpeg, or png with --alpha.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "quality", None, "JPEG quality, 1 to 100. Default: 95.", lower_bound=1, upper_bound=100, flag_values=values
    )
    flags.DEFINE_string(
        "labels",
        None,
        "File with the class of each picture: a dataset.json in StyleGAN's format, or a CSV file with the columns file "
        "and label. Default: a dataset.json or labels.csv in the folder, or the names of its first-level folders.",
        flag_values=values,
    )
    flags.DEFINE_boolean("overwrite", False, "Replace other records in --out.", flag_values=values)


def sample(values: flags.FlagValues) -> None:
    """Draws samples of a saved GAN as one picture or as single ones, or writes rows of a table or windows of a series.

    keras-gan sample --model=runs/mnist --n=50000 --out=pictures
    keras-gan sample --model=runs/people --n=1000 --where="income=>50K" --where=age=30..40 --out=rows.csv
    keras-gan sample --model=runs/stock --n=1000 --out=windows.npy
    """
    flags.DEFINE_string("model", None, MODEL, flag_values=values)
    flags.DEFINE_integer("n", 64, f"Number of samples; at most {MOST:,} pictures.", lower_bound=1, flag_values=values)
    flags.DEFINE_string(
        "out",
        None,
        f"{PICTURE} Default: samples.png. A name without a suffix is a new or empty folder, for a PNG per sample. For "
        "rows or windows: a csv, tsv or parquet file, for windows also npy. Default: samples.csv.",
        flag_values=values,
    )
    flags.DEFINE_multi_string(
        "where",
        [],
        "For rows: a condition that all rows satisfy, NAME=VALUE, or NAME=A..B for a column of numbers or dates. May "
        "be repeated.",
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
        "For a game other than a GAN: the values to draw, such as fake_a. Default: all that are made of noise.",
        flag_values=values,
    )
    flags.DEFINE_integer("columns", None, "Samples per row.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("scale", None, SCALE, lower_bound=1, flag_values=values)
    flags.DEFINE_string("grid", None, "ROWSxCOLUMNS, such as 3x5, instead of --n and --columns.", flag_values=values)
    flags.DEFINE_list(
        "truncation",
        None,
        "Less variety for more quality. For StyleGAN2: the factor of w's distance from its mean (1: no truncation); "
        "for normal latents: their largest absolute value. Several, such as 1,0.7,0.4, draw a row each.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "interpolate",
        None,
        "Number of pictures per row, which walks from one sample to another; with --video, of frames between samples.",
        lower_bound=2,
        upper_bound=1000,
        flag_values=values,
    )
    flags.DEFINE_string(
        "video",
        None,
        "Film (gif, webp or png) to write instead of --out: samples walk through the latent space and back.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "mix",
        None,
        list(MIXED),
        "For StyleGAN2: draw a grid of mixed styles. This third of the layers takes the style of the first row, the "
        "other layers that of the first column.",
        flag_values=values,
    )


def project(values: flags.FlagValues) -> None:
    """Finds given pictures in the latent space of a saved model, and draws them beside the pictures it makes there.

    keras-gan project --model=runs/faces --image=me.png
    """
    flags.DEFINE_string("model", None, "A run folder, or the .keras file of a GAN or of StyleGAN2.", flag_values=values)
    flags.DEFINE_multi_string("image", [], "Picture to find. May be repeated.", flag_values=values)
    flags.DEFINE_string("out", "projected.png", PICTURE, flag_values=values)
    flags.DEFINE_string(
        "codes", None, "File for the vectors found, (N, d), as .npy. Default: beside --out.", flag_values=values
    )
    flags.DEFINE_list("labels", None, "Label, for a conditional model.", flag_values=values)
    flags.DEFINE_integer("steps", 500, "Steps of the search.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("seed", 0, "Seed of the search.", lower_bound=0, upper_bound=2**31, flag_values=values)
    flags.DEFINE_enum(
        "extractor",
        "none",
        ["none", "inception", "random_features"],
        "Features by which pictures are compared, in addition to their pixels at several sizes.",
        flag_values=values,
    )
    flags.DEFINE_integer("scale", None, SCALE, lower_bound=1, flag_values=values)


def translate(values: flags.FlagValues) -> None:
    """Translates a folder or a zip of pictures with a trained model, and writes each translation as a PNG of its name.

    keras-gan translate --model=runs/zebras --folder=horses --out=zebras

    Subfolders are kept. OUT/side-by-side.png shows the first pictures beside their translations.
    """
    flags.DEFINE_string("model", None, MODEL, flag_values=values)
    flags.DEFINE_string(
        "folder", None, "Folder of pictures, or a zip of them; nothing in it is changed.", flag_values=values
    )
    flags.DEFINE_string("out", None, "Folder for the translations, outside of --folder.", flag_values=values)
    flags.DEFINE_string(
        "value",
        None,
        "Value or task to compute, such as fake_a or translate_ba. Default: the model's first that makes pictures from "
        "pictures.",
        flag_values=values,
    )
    flags.DEFINE_multi_string(
        "given",
        [],
        "NAME=NUMBER, an input that is the same for all pictures, such as the class `target` of star_gan, by number or "
        "name. May be repeated.",
        flag_values=values,
    )
    flags.DEFINE_boolean(
        "resize", True, "Cut and scale pictures of other sizes to the model's size.", flag_values=values
    )
    flags.DEFINE_boolean("overwrite", False, "Replace files of the same names in --out.", flag_values=values)
    flags.DEFINE_integer(
        "batch_size",
        32,
        "Pictures per batch; where the model draws, the results of a seed depend on it.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "seed", 0, "Seed of the model's random inputs.", lower_bound=0, upper_bound=2**31, flag_values=values
    )


def evaluate(values: flags.FlagValues) -> None:
    """Measures samples against real pictures, beside the same metrics of real data, and records how each was measured.

    Samples come from a saved GAN, an exported SavedModel, or a folder of pictures that another program made. Rows of a
    table: --model=table:made.csv --dataset=table:training.csv --held_out=others.csv --label=income; for a run on a
    table --model=runs/people --held_out=others.csv is enough. Windows of a series: those of a run, or
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
    flags.DEFINE_string("held_out", None, "For tables: real rows that were not trained on.", flag_values=values)
    flags.DEFINE_string("label", None, "For tables: the column that learners predict.", flag_values=values)
    flags.DEFINE_string(
        "columns",
        None,
        "For a file of rows or windows: comma-separated names of the columns to measure. Default: all of --dataset.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "kinds",
        None,
        "For a file of rows: kinds of columns that are not to be inferred, such as zip=category,born=date.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "value",
        None,
        "For a game that makes several values of noise: the one to measure, such as fake_a.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "dataset", None, "The real pictures, rows or windows. Default: the run's training data.", flag_values=values
    )
    flags.DEFINE_string(
        "split", "test", "Part of --dataset to compare samples with. A folder is cut in halves.", flag_values=values
    )
    flags.DEFINE_list("metrics", None, f"Metrics among {', '.join(MEASURES)}. Default: all.", flag_values=values)
    flags.DEFINE_string(
        "extractor",
        "auto",
        f"Features by which metrics compare pictures: {', '.join(EXTRACTORS)}, or the .keras file of a model that maps "
        "pictures to features. auto is a classifier of the data set for small grey pictures with labels, otherwise "
        "Inception. pixels and random_features are not trained on pictures, and do not tell blurred from real ones.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "n", None, "Number of samples. Default: 10,000, or all if there are fewer.", lower_bound=2, flag_values=values
    )
    flags.DEFINE_integer("seed", 0, "Seed of the samples.", lower_bound=0, upper_bound=2**31, flag_values=values)
    sizes.define(values, "Side, or HEIGHTxWIDTH, of the real pictures. Default: the samples' size.")
    flags.DEFINE_string(
        "out",
        None,
        "File to append to. Default: metrics.jsonl of the run, or NAME_metrics.jsonl beside samples of no run. For "
        "tables and series: the .json file to write, for tables with an HTML page beside it. Default: evaluation.json "
        "of the run, or NAME_evaluation.json beside the samples.",
        flag_values=values,
    )


def compare(values: flags.FlagValues) -> None:
    """Compares two evaluations, metric by metric: `keras-gan compare runs/a runs/b`.

    Only values of the same protocol are compared; any other pair is refused, with the reason.
    """
    for name, which in (("a", "first"), ("b", "second")):
        help = f"The {which} run folder or metrics file; `--{name}=` may be left out."
        flags.DEFINE_string(name, None, help, flag_values=values)


def report(values: flags.FlagValues) -> None:
    """Writes the HTML page of a run, finished or still training: `keras-gan report runs/mnist`."""
    flags.DEFINE_string("run_dir", None, "Run folder; `--run_dir=` may be left out.", flag_values=values)
    flags.DEFINE_string("out", None, "HTML file to write. Default: RUN_DIR/report.html.", flag_values=values)


def export(values: flags.FlagValues) -> None:
    """Writes the generator of a saved GAN as a SavedModel, as the next version of a model's folder."""
    flags.DEFINE_string("model", None, MODEL, flag_values=values)
    flags.DEFINE_string("export_dir", None, "Folder of versions. Default: saved_models/NAME.", flag_values=values)
    flags.DEFINE_integer(
        "version", None, "Version number. Default: the next free one.", 1, HIGHEST_VERSION, flag_values=values
    )
    flags.DEFINE_list(
        "values",
        None,
        "For a game other than a GAN: the values to export, such as fake_b. Default: the fakes of its matches.",
        flag_values=values,
    )
    flags.DEFINE_boolean("discriminate", False, "Also export the discriminator's scores.", flag_values=values)
    flags.DEFINE_boolean("truncation", False, "Let requests choose a truncation of Normal latents.", flag_values=values)
    flags.DEFINE_integer("max_samples", 1024, "Maximum samples per request.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer(
        "keep", None, "Keep only this many newest versions. Default: all.", lower_bound=1, flag_values=values
    )


def convert(values: flags.FlagValues) -> None:
    """Converts an exported generator to a TFLite (LiteRT) or ONNX file, and checks that it gives the same images."""
    flags.DEFINE_string("model", None, MODEL, flag_values=values)
    flags.DEFINE_enum("format", "tflite", list(FORMATS), "File format.", flag_values=values)
    flags.DEFINE_string(
        "signature",
        "serving_default",
        "Signature to convert. For a game other than a GAN: a value or task that takes no seed, such as translate_ab.",
        flag_values=values,
    )
    flags.DEFINE_string("output", None, "File to write. Default: NAME.FORMAT.", flag_values=values)


def play(values: flags.FlagValues) -> None:
    """Writes a folder with a web page on which the model makes pictures in the visitor's browser.

    keras-gan play --model=runs/mnist --out=page --serve

    Any static file server can serve the page. It requests nothing from other hosts, and shows for a seed the pictures
    that `keras-gan sample` draws. The command needs `pip install "keras_gan[onnx]"`, and npm, which fetches ONNX
    Runtime Web once.
    """
    flags.DEFINE_string("model", None, MODEL, flag_values=values)
    flags.DEFINE_string("out", None, "Folder to write.", flag_values=values)
    flags.DEFINE_string(
        "value",
        None,
        "For a game other than a GAN: the value or task, such as translate_ab. Default: the first that makes pictures "
        "of draws and at most one picture.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "runtime",
        None,
        "Folder with ort.wasm.bundle.min.mjs and ort-wasm-simd-threaded.wasm of the npm package onnxruntime-web. "
        "Default: npm fetches the files, and they are cached.",
        flag_values=values,
    )
    flags.DEFINE_boolean("overwrite", False, "Replace a page in --out.", flag_values=values)
    flags.DEFINE_boolean("serve", False, "Serve the page on this machine until Ctrl-C.", flag_values=values)
    flags.DEFINE_integer("port", 8000, "Port of --serve; 0 chooses a free one.", 0, 65535, flag_values=values)


def serve(values: flags.FlagValues) -> None:
    """Starts TensorFlow Serving with an exported model, and prints when it answers. Ctrl-C or SIGTERM ends both."""
    flags.DEFINE_string(
        "model",
        None,
        SERVED,
        flag_values=values,
    )
    flags.DEFINE_string("name", None, "Model name in requests. Default: the folder's name.", flag_values=values)
    flags.DEFINE_integer("port", 8500, "Port of gRPC.", flag_values=values)
    flags.DEFINE_integer("rest_port", 8501, "Port of REST.", flag_values=values)
    flags.DEFINE_boolean(
        "batching",
        False,
        "Merge requests for serving_default and discriminate as batching.config says; the server then refuses requests "
        "for other signatures.",
        flag_values=values,
    )
    flags.DEFINE_string("binary", SERVER, "Name of the server on the PATH, or its path.", flag_values=values)
    flags.DEFINE_multi_string("flag", [], "Further flag for the server. May be repeated.", flag_values=values)
    flags.DEFINE_float(
        "timeout", 300.0, "Seconds within which the model must answer.", lower_bound=0.0, flag_values=values
    )


def request(values: flags.FlagValues) -> None:
    """Requests pictures, rows or windows from a model on TensorFlow Serving, and writes them to one file."""
    flags.DEFINE_string(
        "url", "http://localhost:8501", "Server: http(s):// for REST, grpc(s):// for gRPC.", flag_values=values
    )
    flags.DEFINE_string("model", None, "Name of the model on the server.", flag_values=values)
    flags.DEFINE_integer("version", None, "Model version. Default: the newest.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("n", 16, "Number of pictures, rows or windows.", lower_bound=1, flag_values=values)
    flags.DEFINE_string(
        "out",
        None,
        f"{PICTURE} Default: samples.png. For rows or windows: a csv, tsv or parquet file, for windows also npy. "
        "Default: samples.csv.",
        flag_values=values,
    )
    flags.DEFINE_integer("seed", 0, "The same seed gives the same samples.", lower_bound=0, flag_values=values)
    flags.DEFINE_integer(
        "end_seed",
        None,
        "Request n pictures on a walk from the sample of --seed to the sample of this seed.",
        lower_bound=0,
        flag_values=values,
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
        "Folder of the model's versions on this machine, for what the server does not report: names of classes, the "
        "range of pixels, dtypes of columns. Default: saved_models/MODEL.",
        flag_values=values,
    )
    flags.DEFINE_float("truncation", None, "Truncation, for a model exported with --truncation.", flag_values=values)
    flags.DEFINE_integer("columns", None, "Pictures per row.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("scale", None, SCALE, lower_bound=1, flag_values=values)
    flags.DEFINE_float("timeout", 60.0, "Seconds per attempt.", flag_values=values)
    flags.DEFINE_integer("retries", 3, "Further attempts if the server cannot be reached.", flag_values=values)
    flags.DEFINE_string("ca_file", None, "PEM file with the certificates to trust.", flag_values=values)


def info(values: flags.FlagValues) -> None:
    """Describes a saved GAN or a SavedModel; without --model, the installation: versions, models and objectives."""
    flags.DEFINE_string("model", None, MODEL, flag_values=values)


def demo(values: flags.FlagValues) -> None:
    """Plays a demonstration and draws it, as a PNG and a film.

    `keras-gan demo figure1` is figure 1 of the 2014 paper.
    """
    flags.DEFINE_enum("name", None, list(DEMOS), "The demonstration; `--name=` may be left out.", flag_values=values)
    flags.DEFINE_string("out", None, "Folder for the pictures. Default: runs/NAME.", flag_values=values)
    flags.DEFINE_integer("seed", 0, "Seed of all randomness.", lower_bound=0, flag_values=values)
    flags.DEFINE_boolean("smoke", False, "Play a few steps only.", flag_values=values)


def completion(values: flags.FlagValues) -> None:
    """Prints a script with which a shell completes commands and flags.

    bash: eval "$(keras-gan completion bash)", in ~/.bashrc; zsh: the same with zsh, in ~/.zshrc; fish: keras-gan
    completion fish > ~/.config/fish/completions/keras-gan.fish
    """
    flags.DEFINE_enum("shell", None, list(SHELLS), "The shell; `--shell=` may be left out.", flag_values=values)
