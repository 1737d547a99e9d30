"""The classes of a conditional GAN: their names, and the labels of `--labels`, by number or by name."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from keras_gan.game import GAN, Game
from keras_gan.latents import Categorical, Prior

MOST_SHOWN = 20


def of_metadata(known: dict) -> Prior | None:
    """Returns the prior of the labels in an exported model's metadata; None if there is none that can be read.

    >>> of_metadata({"labels": {"config": {"probabilities": [0.25, 0.75], "names": ["cats", "dogs"]}}}).names
    ('cats', 'dogs')
    """
    labels = known.get("labels") or _only_labels(known.get("draws"))
    config = labels.get("config") if isinstance(labels, dict) else None
    try:
        return Categorical(**config) if isinstance(config, dict) else None
    except (TypeError, ValueError):
        return None


def _only_labels(draws):
    """Returns the description of the only draw of labels of a game other than a GAN; None if there is not one."""
    each = draws.values() if isinstance(draws, dict) else ()
    found = [draw for draw in each if isinstance(draw, dict) and draw.get("class_name") == Categorical.__name__]
    return found[0] if len(found) == 1 else None


def prior_of(game: Game) -> Prior | None:
    """Returns the prior of the labels that a game draws; None if it draws none, or several kinds of labels."""
    if isinstance(game, GAN):
        return game.labels
    priors = [prior for prior in game.draws.values() if isinstance(prior, Categorical)]
    return priors[0] if len(priors) == 1 else None


def names(prior: Prior | None) -> tuple[str, ...]:
    """Returns the names of the classes; empty if unknown."""
    return (prior.names or ()) if isinstance(prior, Categorical) else ()


def shares(prior: Prior | None) -> dict[str, float] | None:
    """Returns {class name: share}; None if there are no names."""
    return dict(zip(names(prior), prior.probabilities, strict=True)) if names(prior) else None


def of_game(game: Game) -> dict[str, float] | None:
    """Returns {class name: share} of the classes that a game draws; None if there are no names, or no classes."""
    return shares(prior_of(game))


def describe(prior: Prior | None) -> str:
    """Returns the classes as text, each with its number and its share.

    >>> describe(Categorical([0.25, 0.75], ("cats", "dogs")))
    '0 cats 25.0%, 1 dogs 75.0%'
    """
    if not isinstance(prior, Categorical):
        return str(prior)
    known = prior.names or [""] * prior.count
    parts = list(enumerate(zip(known, prior.probabilities, strict=True)))[:MOST_SHOWN]
    texts = [f"{i}{f' {name}' if name not in ('', str(i)) else ''} {share:.1%}" for i, (name, share) in parts]
    return ", ".join([*texts, *([f"... ({prior.count} in all)"] if prior.count > MOST_SHOWN else [])])


def parse(words: Sequence[str] | None, known: Sequence[str] = ()) -> int | np.ndarray | None:
    """Returns the labels that a flag gives by name or number: an int for one, an int32 array for several, or None.

    Args:
        words: The values of the flag; None if it was not given.
        known: The names of the classes. A name takes precedence over a number.

    Raises:
        ValueError: If a word is neither a name nor a number below 2^31.

    Example:

    >>> parse(["dogs"], ("cats", "dogs")), parse(["1", "cats"], ("cats", "dogs")).tolist()
    (1, [1, 0])
    """
    if words is None:
        return None
    numbers = {name: i for i, name in enumerate(known)}
    words = [word.strip() for word in words]
    if not all(word in numbers or word.isdecimal() for word in words):
        shown = ", ".join(known[:MOST_SHOWN]) + (", ..." if len(known) > MOST_SHOWN else "")
        what = f"or names of classes: {shown}" if known else "as the classes have no known names"
        raise ValueError(f"`labels` must be integers of at least 0, {what}. Received: labels={','.join(words)}")
    chosen = [numbers[word] if word in numbers else int(word) for word in words]
    if max(chosen, default=0) >= 2**31:
        raise ValueError(f"`labels` must be below 2^31. Received: labels={','.join(words)}")
    labels = np.array(chosen, "int32")
    return int(labels[0]) if len(labels) == 1 else labels


def of_saved_model(model, known: dict, path: str, words: Sequence[str] | None) -> int | np.ndarray | None:
    """Returns the labels that a flag gives for an exported model, as `parse` does.

    Args:
        model: The loaded SavedModel.
        known: The metadata of the model.
        path: The path of the model, for errors.
        words: The values of the flag; None if it was not given.

    Raises:
        ValueError: If the model is a GAN's and has no signature `generate` of pictures, or takes no such labels.
    """
    if "tasks" in known:  # of another game, whose signatures are checked when they are called
        return parse(words, names(of_metadata(known)))
    generate = model.signatures.get("generate")
    if generate is None or generate.structured_outputs["images"].dtype != tf.uint8:
        raise ValueError(
            "`model` must have the signature `generate`, and make pictures. "
            f"Received: model={path!r}, with {list(model.signatures)}"
        )
    labels = parse(words, names(of_metadata(known)))
    spec = generate.structured_input_signature[1].get("labels")
    if labels is not None and spec is None:
        raise ValueError(f"`labels` must not be given: the generator takes none. Received: labels={labels}")
    if labels is not None and spec.shape.rank > 1:
        raise ValueError(
            "`labels` must not be given: the generator takes conditions that are no labels, of shape "
            f"{tuple(spec.shape)}. Received: labels={labels}"
        )
    return labels
