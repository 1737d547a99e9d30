"""The commands to type after a run, of those that fit the model it trained."""

import pathlib
import shlex

from keras_gan import GAN, Game
from keras_gan.cli import classes, translators, where
from keras_gan.cli.config import TrainConfig
from keras_gan.evaluation import sources
from keras_gan.game.wiring import read_reference
from keras_gan.latents import Categorical
from keras_gan.models.row_maker import RowMaker
from keras_gan.models.series_gan import SeriesGAN

SAMPLES, QUALITY, TRANSLATION, PAGE = "More samples", "How good they are", "Your own pictures", "In a browser"
ROWS, WINDOWS = "More rows, of those that you want", "More windows"


def commands(config: TrainConfig, game: Game) -> dict[str, str]:
    """Returns the commands to type next, by purpose.

    For a game that makes pictures of noise, rows or windows: samples, and their quality; for a game that makes pictures
    from pictures: the translation of the user's pictures.

    Args:
        config: The configuration of the run, resolved.
        game: Its game.
    """
    run_dir, found = pathlib.Path(config.run_dir), {}
    if isinstance(game, RowMaker):
        label = {} if config.label else {"label": "COLUMN"}
        condition = where.example(game.schema, config.label)
        found[ROWS] = _command("sample", model=run_dir, n=1000, where=condition, out="rows.csv")
        return found | {QUALITY: _command("evaluate", model=run_dir, held_out="real_rows.csv", **label)}
    if isinstance(game, SeriesGAN):
        found[WINDOWS] = _command("sample", model=run_dir, n=1000, out="windows.csv")
        return found | {QUALITY: _command("evaluate", model=run_dir)}
    drawn = [] if isinstance(game, GAN) else sources.drawn_values(game)
    if isinstance(game, GAN) or drawn:
        found[SAMPLES] = _command("sample", model=run_dir, n=64, out="grid.png")
        found[QUALITY] = _command("evaluate", model=run_dir, **_compared(config, game, drawn))
    if isinstance(game, GAN) and game.makes_pictures:
        found[PAGE] = _command("play", model=run_dir, out="page")
    fitting = translators.fitting(game)
    if fitting:
        given = _given(game, next(iter(fitting)))
        found[TRANSLATION] = _command("translate", model=run_dir, folder="photos", out="made", **given)
    return found


def _command(name, **flags):
    return " ".join(["keras-gan", name, *(f"--{flag}={shlex.quote(str(value))}" for flag, value in flags.items())])


def _compared(config, game, drawn):
    """Returns the flag --value if a game makes several values of noise: the one that imitates `config.dataset`."""
    if len(drawn) < 2:
        return {}
    part = config.preset.parts.names[-1]
    alike = [match.fake for match in game.matches.values() if match.real == part and match.fake in drawn]
    return {"value": (alike or drawn)[0]}


def _given(game, task):
    """Returns the flag --given with a class of the task's label, such as the domain to translate to, if it has one."""
    value = read_reference(game.tasks.get(task, task), "values").name
    for name in game.wiring.leaves([value]):
        prior = game.draws.get(name)
        if isinstance(prior, Categorical):
            return {"given": f"{name}={(classes.names(prior) or [0])[0]}"}
    return {}
