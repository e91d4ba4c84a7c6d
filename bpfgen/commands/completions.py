"""`bpfgen completions SHELL`: what Tab offers in bash, zsh and fish, made from the option table.

What changes with the version, the codes of diagnostics and the map kinds, is asked of `bpfgen`
itself when it is needed, so that a script stays right when the package is updated.
"""

from __future__ import annotations

import re

from bpfgen.commands import DONE, UsageError
from bpfgen.commands.arguments import parsed
from bpfgen.commands.option import FLAG, LIST, OPTIONAL, SWITCH, Option
from bpfgen.commands.options import options_of
from bpfgen.commands.table import (
    CODE,
    COMMAND,
    COMMANDS,
    DIRECTORY,
    FILE,
    KIND,
    OBJECT,
    SHELL,
    SHELLS,
    SOURCE,
    TEXT,
    WARNING,
)
from bpfgen.commands.terminal import write_output
from bpfgen.files import SUFFIXES
from bpfgen.sources import C_SUFFIXES, OBJECT_SUFFIX


def run(words: list[str]) -> int:
    """Print the script of the shell that *words* name."""
    names: list[str] = parsed("completions", words).inputs
    if len(names) != 1 or names[0] not in SHELLS:
        message = "`bpfgen completions` takes one shell"
        raise UsageError(f"{message}: {', '.join(SHELLS)}", "bpfgen completions bash")
    write_output(script(names[0]))
    return DONE


def script(shell: str) -> str:
    """Return the completions of *shell*, one of :data:`SHELLS`."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


_SOURCES = (*SUFFIXES, OBJECT_SUFFIX, *C_SUFFIXES)
"""What the names of sources end in."""

_GENERATED = "# Generated from the option table of bpfgen. Do not edit."


def _takes_value(option: Option) -> bool:
    return option.kind not in {FLAG, SWITCH}


def _others() -> list[str]:
    """Return the commands that are a word of their own."""
    return [name for name in COMMANDS if name != "compile"]


_BASH_HEAD = """\
# Offers those of the words given that begin like the word that is typed.
_bpfgen_words() {
    local each
    for each in "$@"; do
        if [[ $each == "$word"* ]]; then COMPREPLY+=("$each"); fi
    done
}

# Offers directories, and files with one of the suffixes given; any file where that is empty.
_bpfgen_files() {
    local each suffix
    compopt -o filenames 2>/dev/null
    while IFS= read -r each; do
        for suffix in "$@"; do
            if [[ -d $each || $each == *"$suffix" ]]; then COMPREPLY+=("$each"); break; fi
        done
    done < <(compgen -f -- "$word")
}

_bpfgen_directories() {
    local each
    compopt -o filenames 2>/dev/null
    while IFS= read -r each; do COMPREPLY+=("$each"); done < <(compgen -d -- "$word")
}

_bpfgen_codes() {
    _bpfgen_words $(bpfgen explain --list "${1:-all}" 2>/dev/null)
}

_bpfgen_warnings() {
    local codes=$(bpfgen explain --list warnings 2>/dev/null)
    _bpfgen_words all error $codes $(printf 'no-%s ' $codes) $(printf 'error=%s ' $codes)
}

_bpfgen_kinds() {
    _bpfgen_words $(bpfgen kinds 2>/dev/null | sed -n '2,$s/ .*//p')
}

_bpfgen() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=compile glued= valued=
    COMPREPLY=()
    if ((COMP_CWORD > 1)); then
        case ${COMP_WORDS[1]} in
            @OTHERS@) command=${COMP_WORDS[1]} ;;
        esac
    fi
    # `--emit=json` is three words here, `-Idirectory` is one.
    if [[ $word == "=" ]]; then
        word= valued=$before
    elif [[ $before == "=" ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
        valued=$before
    elif [[ $word == -[DIWo]?* ]]; then
        glued=${word:0:2} before=${word:0:2} word=${word:2}
    fi
    case $valued in
        error | no-error | -Werror | -Wno-error) _bpfgen_codes warnings; return ;;
@VALUED@    esac
    case $command:$before in
"""

_BASH_TAIL = """\
    esac
    if [[ -n $glued ]]; then COMPREPLY=("${COMPREPLY[@]/#/$glued}"); fi
}

complete -F _bpfgen bpfgen
"""

_BASH_ACTIONS = {
    SOURCE: f"_bpfgen_files {' '.join(_SOURCES)}",
    TEXT: f"_bpfgen_files {' '.join(SUFFIXES)}",
    OBJECT: "_bpfgen_files .o",
    FILE: "_bpfgen_files ''",
    DIRECTORY: "_bpfgen_directories",
    CODE: "_bpfgen_codes",
    WARNING: "_bpfgen_warnings",
    KIND: "_bpfgen_kinds",
    SHELL: f"_bpfgen_words {' '.join(SHELLS)}",
    "": ":",
}


def _bash() -> str:
    actions = {**_BASH_ACTIONS, COMMAND: f"_bpfgen_words {' '.join(COMMANDS)}"}
    lines = [f"# bash completion for bpfgen\n{_GENERATED}\n\n"]
    head = _BASH_HEAD.replace("@OTHERS@", " | ".join(_others()))
    lines.append(head.replace("@VALUED@", "".join(_bash_valued())))
    for name in COMMANDS:
        for option in options_of(name):
            if _takes_value(option) and option.kind != OPTIONAL:
                action = actions[option.completes]
                if option.choices:
                    action = f"_bpfgen_words {' '.join(option.choices)}"
                places = " | ".join(f"{name}:{typed}" for typed in option.names)
                lines.append(f"        {places}) {action} ;;\n")
    for name, command in COMMANDS.items():
        spellings = [typed for option in options_of(name) for typed in option.spellings]
        lines.append(f"        {name}:*)\n            if [[ $word == -* ]]; then\n")
        lines.append(f"                _bpfgen_words {' '.join(spellings)}\n            else\n")
        if name == "compile":
            words = f"_bpfgen_words {' '.join(_others())}"
            lines.append(f"                if ((COMP_CWORD == 1)); then {words}; fi\n")
        lines.append(f"                {actions[command.completes]}\n            fi\n")
        lines.append("            ;;\n")
    lines.append(_BASH_TAIL)
    return "".join(lines)


def _bash_valued() -> list[str]:
    """Return what is offered after the `=` of options that may do without a value."""
    valued = {
        typed: option.choices
        for name in COMMANDS
        for option in options_of(name)
        if option.kind == OPTIONAL
        for typed in option.names
    }
    return [
        f"        {typed}) _bpfgen_words {' '.join(choices)}; return ;;\n"
        for typed, choices in valued.items()
    ]


_ZSH_HEAD = """\
_bpfgen_codes() {
    local -a codes
    codes=(${(f)"$(bpfgen explain --list all 2>/dev/null)"})
    _describe -t codes code codes
}

_bpfgen_warnings() {
    local -a codes
    codes=(${(f)"$(bpfgen explain --list warnings 2>/dev/null)"})
    codes=(all error $codes no-$^codes error=$^codes)
    _describe -t codes warning codes
}

_bpfgen_kinds() {
    local -a kinds
    kinds=(${${(f)"$(bpfgen kinds 2>/dev/null)"}[2,-1]%% *})
    _describe -t kinds 'map kind' kinds
}

"""

_ZSH_ACTIONS = {
    SOURCE: f'_files -g "*({"|".join(_SOURCES)})"',
    TEXT: f'_files -g "*({"|".join(SUFFIXES)})"',
    OBJECT: '_files -g "*.o"',
    FILE: "_files",
    DIRECTORY: "_files -/",
    CODE: "_bpfgen_codes",
    WARNING: "_bpfgen_warnings",
    KIND: "_bpfgen_kinds",
    SHELL: f"({' '.join(SHELLS)})",
    "": " ",
}


def _zsh_text(text: str) -> str:
    """Return *text* for a place between brackets and colons, inside single quotes."""
    for character in "\\[]:":
        text = text.replace(character, f"\\{character}")
    return text.replace("'", "'\\''")


def _zsh_specs(option: Option) -> list[str]:
    """Return what `_arguments` is given for *option*, a spelling each."""
    specs = []
    for typed in option.spellings:
        others = [other for other in option.spellings if other != typed]
        before = (
            "*" if option.kind in {LIST, OPTIONAL} else f"({' '.join(others)})" if others else ""
        )
        value = ""
        if _takes_value(option):
            glue = "=" if typed.startswith("--") else "+"
            if option.kind == OPTIONAL:  # its value follows in the same word, if at all
                glue = "=-"
            action = _ZSH_ACTIONS[option.completes]
            if option.choices:
                action = f"({' '.join(option.choices)})"
            colon = "::" if option.kind == OPTIONAL else ":"
            value = f"{colon}{_zsh_text(option.metavar)}:{action}"
            typed += glue  # noqa: PLW2901 -- it is how `_arguments` spells it
        specs.append(f"'{before}{typed}[{_zsh_text(option.help)}]{value}'")
    return specs


def _zsh() -> str:
    actions = {**_ZSH_ACTIONS, COMMAND: f"({' '.join(COMMANDS)})"}
    lines = [f"#compdef bpfgen\n{_GENERATED}\n\n", _ZSH_HEAD, "_bpfgen_operand() {\n"]
    lines.append("    local -a commands\n    commands=(\n")
    lines += [f"        '{name}:{_zsh_text(COMMANDS[name].summary)}'\n" for name in _others()]
    lines.append(
        "    )\n    if ((CURRENT == 2)); then _describe -t commands command commands; fi\n"
    )
    lines.append(f"    {_ZSH_ACTIONS[SOURCE]}\n}}\n\n_bpfgen() {{\n    local command=compile\n")
    lines.append(f"    if ((CURRENT > 2)) && [[ $words[2] == ({'|'.join(_others())}) ]]; then\n")
    lines.append("        command=$words[2]\n        shift words\n        ((CURRENT--))\n    fi\n")
    lines.append("    case $command in\n")
    for name, command in COMMANDS.items():
        action = "_bpfgen_operand" if name == "compile" else actions[command.completes]
        specs = [spec for option in options_of(name) for spec in _zsh_specs(option)]
        if command.operand:
            specs.append(f"'*:{_zsh_text(command.operand)}:{action}'")
        joined = " \\\n                ".join(specs)
        lines.append(f"        {name})\n            _arguments -S \\\n                {joined}\n")
        lines.append("            ;;\n")
    lines.append('    esac\n}\n\nif [[ $funcstack[1] == _bpfgen ]]; then _bpfgen "$@"; fi\n')
    return "".join(lines)


_FISH_HEAD = """\
function __bpfgen_is
    set -l words (commandline -opc)
    set -l command compile
    if set -q words[2]; and contains -- $words[2] @OTHERS@
        set command $words[2]
    end
    test $command = $argv[1]
end

function __bpfgen_is_first
    test (count (commandline -opc)) -eq 1
end

function __bpfgen_warnings
    printf '%s\n' all error
    for code in (bpfgen explain --list warnings 2>/dev/null)
        printf '%s\\n' $code no-$code error=$code
    end
end

# A directory, or a text of the language; `__fish_complete_suffix` offers all other files, too.
function __bpfgen_texts
    __fish_complete_path (commandline -ct) | string match -r '^[^\\t]*(?:/|@TEXTS@)(?:\\t.*)?$'
end

complete -c bpfgen -f
"""

_FISH_ACTIONS = {
    SOURCE: " ".join(f"(__fish_complete_suffix {suffix})" for suffix in SUFFIXES),
    TEXT: "(__bpfgen_texts)",
    OBJECT: "(__fish_complete_suffix .o)",
    FILE: "",
    DIRECTORY: "(__fish_complete_directories)",
    CODE: "(bpfgen explain --list all 2>/dev/null)",
    WARNING: "(__bpfgen_warnings)",
    KIND: "(bpfgen kinds 2>/dev/null | string replace -r ' .*' '' | tail -n +2)",
    SHELL: " ".join(SHELLS),
    "": "",
}


def _fish_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _fish_option(name: str, option: Option) -> str:
    words = [f"complete -c bpfgen -n '__bpfgen_is {name}'"]
    words += [f"-l {t[2:]}" if t.startswith("--") else f"-s {t[1:]}" for t in option.names]
    if _takes_value(option):
        offered = " ".join(option.choices) or _FISH_ACTIONS[option.completes]
        if option.completes == FILE:
            words.append("-r -F")
        elif option.kind == OPTIONAL:
            words.append(f"-f -a {_fish_text(offered)}")
        elif offered:
            words.append(f"-x -a {_fish_text(offered)}")
        else:
            words.append("-x")
    words.append(f"-d {_fish_text(option.help)}")
    return " ".join(words)


def _fish() -> str:
    actions = {**_FISH_ACTIONS, COMMAND: " ".join(COMMANDS)}
    lines = [f"# fish completion for bpfgen\n{_GENERATED}\n\n"]
    head = _FISH_HEAD.replace("@OTHERS@", " ".join(_others()))
    lines.append(head.replace("@TEXTS@", "|".join(re.escape(suffix) for suffix in SUFFIXES)))
    lines += [
        f"complete -c bpfgen -n __bpfgen_is_first -a {name}"
        f" -d {_fish_text(COMMANDS[name].summary)}\n"
        for name in _others()
    ]
    for name, command in COMMANDS.items():
        lines.append("\n")
        operand = f"complete -c bpfgen -n '__bpfgen_is {name}'"
        offered = actions[command.completes]
        if offered:
            lines.append(f"{operand} -k -a {_fish_text(offered)}\n")
        elif command.operand:
            lines.append(f"{operand} -F\n")
        for option in options_of(name):
            lines.append(f"{_fish_option(name, option)}\n")
            if option.kind == SWITCH:
                negation = f"not {option.names[0]}"
                against = Option(tuple(option.spellings[1:]), name, negation, kind=FLAG)
                lines.append(f"{_fish_option(name, against)}\n")
    return "".join(lines)
