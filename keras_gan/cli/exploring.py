"""Pictures of a latent space: grids under truncation, walks, films and mixed styles."""

import pathlib
from collections.abc import Sequence

import numpy as np

from keras_gan import Game, images
from keras_gan.cli import parsers
from keras_gan.exploration import Space
from keras_gan.report.run import EXPLORED

GRID, WALK, LEG = (4, 6), (2, 4), 15  # rows and columns; frames from one place of a film to the next
PLACES = 4
TRUNCATED, MIXTURE, FILM = EXPLORED
LARGEST = 128  # pixels of a side: films of larger pictures are made by `keras-gan sample --video` alone


def read_grid(text: str | None) -> tuple[int, int] | None:
    """Reads ROWSxCOLUMNS as two numbers.

    Raises:
        ValueError: If the text has another form.

    >>> read_grid("3x5")
    (3, 5)
    """
    if text is None:
        return None
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and 0 < int(part) <= 1000 for part in parts):
        raise ValueError(f"`grid` must be ROWSxCOLUMNS, such as 3x5. Received: grid={text!r}")
    return int(parts[0]), int(parts[1])


def read_truncations(texts: Sequence[str] | None) -> list[float]:
    """Returns the truncations as numbers of at least 0; a latent space that does not support 0 checks this itself.

    Raises:
        ValueError: If one is no finite number of at least 0.
    """
    try:
        found = [float(text) for text in texts or ()]
    except ValueError:
        found = [-1.0]
    if not all(0 <= each < float("inf") for each in found):
        raise ValueError(
            "`truncation` must be finite numbers above 0, or for StyleGAN2 at least 0. "
            f"Received: truncation={','.join(texts)}"
        )
    return found


def check_layout(values, grid: tuple[int, int] | None, truncations: Sequence[float]) -> None:
    """Checks that no flag of the layout contradicts another one.

    Raises:
        ValueError: If a flag is given that another one replaces, or the grid does not fit the other flags.
    """
    kinds = [name for name in ("grid", "interpolate", "mix", "video") if values[name].value is not None]
    kinds += ["truncation"] if len(truncations) > 1 else []
    for name in ("n", "columns"):
        if kinds and values[name].present:
            advice = "" if "grid" in kinds else ": use --grid=ROWSxCOLUMNS"
            raise ValueError(
                f"`{name}` must not be given with --{kinds[0]}{advice}. Received: {name}={values[name].value}"
            )
    if values.video is not None and values.out is not None:
        raise ValueError(f"`out` must not be given with --video. Received: out={values.out!r}")
    if grid is None or values.video is not None:
        return
    count = grid[0] * max(grid[1], values.interpolate or 1)
    if count > parsers.MOST:
        raise ValueError(
            f"`grid` must have at most {parsers.MOST:,} pictures. Received: grid={values.grid!r}, {count:,} pictures"
        )
    if values.interpolate is not None and grid[1] not in (1, values.interpolate):
        raise ValueError(
            f"`grid` must have as many columns as --interpolate has steps, {grid[0]}x{values.interpolate}, or 1. "
            f"Received: grid={values.grid!r}"
        )
    if len(truncations) > 1 and grid[0] not in (1, len(truncations)):
        raise ValueError(
            f"`grid` must have a row for each truncation, {len(truncations)}x{grid[1]}, or 1. "
            f"Received: grid={values.grid!r}"
        )


def draw(space: Space, values, truncations: Sequence[float], grid: tuple[int, int] | None) -> np.ndarray:
    """Draws the picture of the flags of `keras-gan sample`: walks, mixed styles, a row per truncation, or samples."""
    rows, columns = grid or GRID
    only = truncations[0] if truncations else None
    if values.mix is not None:
        return mixed(space, values.mix, rows, columns, values.seed, values.scale, only)
    if values.interpolate is not None:
        ends = space.draw(2 * rows, values.seed, only)
        codes = space.between(ends[:rows], ends[rows:], values.interpolate)
        conditions = space.conditions(rows, values.seed)
        along = None if conditions is None else np.repeat(conditions, values.interpolate, axis=0)
        made = space.pictures(codes.reshape(-1, codes.shape[-1]), conditions=along)
        return sheet(space.game, made, values.interpolate, values.scale)
    if len(truncations) > 1:
        return swept(space, truncations, columns, values.seed, values.scale)
    count, columns = (rows * columns, columns) if grid else (values.n, values.columns)
    return sheet(space.game, space.pictures(space.draw(count, values.seed, only), values.seed), columns, values.scale)


def film(space: Space, rows: int, columns: int, seed: int, leg: int, truncation=None, scale=None) -> list[np.ndarray]:
    """Returns the frames of a film: rows x columns walks from place to place, and back to the first."""
    walked = space.walk(seed, rows * columns, PLACES, leg, truncation)
    return [sheet(space.game, frame, columns, scale) for frame in walked]


def swept(space: Space, truncations: Sequence[float], columns: int, seed: int, scale: int | None = None) -> np.ndarray:
    """Returns a picture with a row of samples for each truncation."""
    made = space.sweep(truncations, columns, seed)
    return sheet(space.game, made.reshape(-1, *made.shape[2:]), columns, scale)


def mixed(space, which, rows, columns, seed, scale=None, truncation=None) -> np.ndarray:
    """Returns a grid in which the third `which` of the layers has the style of the first row, others of the column."""
    codes = space.draw(rows + columns, seed, truncation)
    above, left = codes[:columns], codes[columns:]
    made = [images.to_uint8(each, space.game.value_range) for each in (space.pictures(above), space.pictures(left))]
    depth = space.game.shapes[space.game.explored.layers][0]
    ends = [round(i * depth / len(parsers.MIXED)) for i in range(len(parsers.MIXED) + 1)]
    layers = slice(*ends[parsers.MIXED.index(which) :][:2])
    both = images.to_uint8(space.mix(left, above, layers), space.game.value_range)
    corner = np.full_like(made[0][:1], 255)
    lines = [np.concatenate([corner, made[0]])]
    lines += [np.concatenate([one[None], line]) for one, line in zip(made[1], both, strict=True)]
    return sheet(space.game, np.concatenate(lines), columns + 1, scale)


def sheet(game: Game, made: np.ndarray, columns: int | None, scale: int | None = None) -> np.ndarray:
    """Returns a grid of pictures in the layout of `keras-gan sample`."""
    scale = scale or max(1, -(-32 // made.shape[1]))
    return images.grid(made, columns, scale=scale, value_range=game.value_range)


def draw_all(game: Game, run_dir: pathlib.Path, seed: int = 0) -> list[pathlib.Path]:
    """Draws the latent space for the page of a run: a truncation sweep, mixed styles, and a film of a walk.

    Returns:
        The files that were written; none for a game without a latent space to explore.
    """
    explored = game.explored
    if explored is None or not game.makes_pictures or explored.condition not in (None, *game.draws):
        return []
    space, written = Space(game), []
    if space.truncations:
        images.save_png(run_dir / TRUNCATED, swept(space, space.truncations, 8, seed))
        written.append(TRUNCATED)
    if explored.layers is not None:
        images.save_png(run_dir / MIXTURE, mixed(space, "coarse", *GRID, seed))
        written.append(MIXTURE)
    if max(game.example_shape[:2]) <= LARGEST:
        images.save_film(run_dir / FILM, film(space, *WALK, seed, LEG), milliseconds=60)
        written.append(FILM)
    return [run_dir / name for name in written]
