"""Completion of `keras-gan` in a shell, made from the flags of the commands."""

from collections.abc import Callable

from absl import flags

from keras_gan import cli
from keras_gan.cli import parsers
from keras_gan.cli.paths import PATHS


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Checks that a shell is named, and returns the function that prints its script."""
    if values.shell is None:
        raise ValueError(f"`shell` must be one of {', '.join(parsers.SHELLS)}. Received: none")
    return lambda: print(script(values.shell))


def script(shell: str) -> str:
    """Returns the script of `"bash"`, `"zsh"` or `"fish"`.

    >>> "sample" in script("bash"), "--labels=" in script("bash")
    (True, True)
    """
    if shell == "fish":
        return _fish()
    words = "\n".join(
        f"    {name}) words='{' '.join(_words(command))}' ;;" for name, command in flags_of_commands().items()
    )
    choices = "\n".join(
        f"    {name}:--{flag.name}) words='{' '.join(flag.parser.enum_values)}' ;;"
        for name, command in flags_of_commands().items()
        for flag in command
        if isinstance(flag.parser, flags.EnumParser)
    )
    first = "autoload -Uz bashcompinit && bashcompinit\n" if shell == "zsh" else ""
    return first + BASH.format(commands=" ".join(cli.COMMANDS), words=words, choices=choices, paths="|--".join(PATHS))


def flags_of_commands() -> dict[str, list[flags.Flag]]:
    """Returns the flags of each command, by its name."""
    return {name: cli.shown_flags(cli.parser(name)) for name in cli.COMMANDS}


def _words(shown):
    words = ["--help"]
    for flag in shown:
        words += [f"--{flag.name}", f"--no{flag.name}"] if flag.boolean else [f"--{flag.name}="]
    return words


BASH = """\
_keras_gan() {{
  local line=${{COMP_LINE:0:COMP_POINT}} word words='' command=${{COMP_WORDS[1]}}
  word=${{line##*[ =]}}
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W '{commands} --help --version' -- "$word"))
    return
  fi
  local flag=${{line##* }}
  if [[ $flag == --*=* ]]; then
    flag=${{flag%%=*}}
    case $command:$flag in
{choices}
    *:--{paths}) COMPREPLY=($(compgen -f -- "$word")); return ;;
    esac
  elif [[ $flag == -* || -z $flag ]]; then
    case $command in
{words}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  if [[ -z $words ]]; then COMPREPLY=($(compgen -f -- "$word")); fi
  if [[ ${{#COMPREPLY[@]}} -eq 1 && ${{COMPREPLY[0]}} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}}
complete -o filenames -F _keras_gan keras-gan"""


def _fish():
    lines = ["complete -c keras-gan -f", "complete -c keras-gan -n __fish_use_subcommand -l help -l version"]
    for name, what in cli.COMMANDS.items():
        lines.append(f"complete -c keras-gan -n __fish_use_subcommand -a {name} -d {_quoted(what)}")
    for name, shown in flags_of_commands().items():
        seen = f"complete -c keras-gan -n '__fish_seen_subcommand_from {name}'"
        for flag in shown:
            takes = "" if flag.boolean else " -r"
            if isinstance(flag.parser, flags.EnumParser):
                takes = f" -x -a {_quoted(' '.join(flag.parser.enum_values))}"
            elif flag.name in PATHS:
                takes = " -r -F"
            lines.append(f"{seen} -l {flag.name}{takes} -d {_quoted(flag.help)}")
            if flag.boolean:
                lines.append(f"{seen} -l no{flag.name}")
    return "\n".join(lines)


def _quoted(text):
    return "'" + " ".join(text.split()).replace("\\", "\\\\").replace("'", "\\'") + "'"
