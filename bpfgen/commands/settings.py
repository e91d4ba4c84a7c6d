"""What the outputs of a run are asked for: values of the backends' options, by output.

They come from the command line, from a project's configuration and from the environment, in this
order; an output takes those that its backend knows. A value on the command line that no output of
the run takes is a mistake, and refused before anything is compiled.
"""

from __future__ import annotations

import os

from bpfgen.commands import UsageError
from bpfgen.commands.forms import OBJECT, STYLE, backend_options, options_of_form, written_forms
from bpfgen.emit.backend import COMMAS, OPTIONAL
from bpfgen.emit.c.options import MODERN
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from bpfgen.emit.backend import BackendOption, Settings


def given_settings(arguments: argparse.Namespace) -> Settings:
    """Return the values on the command line, by the names of the options that are there."""
    settings: dict[str, tuple[str, ...]] = {}
    for option in backend_options():
        given: str | list[str] | None = getattr(arguments, option.name.replace("-", "_"), None)
        if given is not None and given != []:
            settings[option.name] = separated(option, [given] if isinstance(given, str) else given)
    return settings


def separated(option: BackendOption, words: list[str]) -> tuple[str, ...]:
    """Return *words*, taken apart at commas where *option* is a list."""
    if option.kind != COMMAS:
        return tuple(words)
    return tuple(value.strip() for word in words for value in word.split(","))


def settings_of(form: str, given: Settings, configured: Iterable[Settings] = ()) -> Settings:
    """Return what the output *form* is asked for, without the defaults of its backend.

    Args:
        form: As `--emit` has it.
        given: The values on the command line.
        configured: Those of the configuration, the outermost first. Of a list all count; of
            anything else what was said last. A value that is empty (`accessors = false`) takes
            back what was said before.

    Raises:
        UsageError: The environment has a value that makes no sense.
    """
    settings: dict[str, tuple[str, ...]] = {}
    for option in options_of_form(form):
        for layer in (*configured, given):
            said = layer.get(option.name)
            values = tuple(value for value in said or () if option.fault(value) is None)
            if said == ():
                settings.pop(option.name, None)
            elif values and option.is_repeatable:
                settings[option.name] = (*settings.get(option.name, ()), *values)
            elif values:
                settings[option.name] = values
        variable = os.environ.get(option.environment) if option.environment else None
        if variable and option.name not in settings:
            fault = option.fault(variable)
            if fault is not None:
                raise UsageError(f"${option.environment}: {fault[0]}", fault[1])
            settings[option.name] = (variable,)
    return settings


def style_of(given: Settings, configured: Iterable[Settings] = ()) -> str:
    """Return the form of the declarations, by which the rules judge and clang is asked."""
    return settings_of(OBJECT, given, configured).get(STYLE, (MODERN,))[-1]


def refuse_unknown(given: Settings, forms: Iterable[str]) -> None:
    """Refuse a value, on the command line or in the environment, that no output of *forms* takes.

    Where nothing is written, a value of the command line may be for any backend.

    Raises:
        UsageError: There is one.
    """
    written = list(dict.fromkeys(forms))
    for name, values in given.items():
        takers = options_named(name, written)
        if not takers and written and name != STYLE:
            having = [form for form in written_forms() if options_named(name, [form])]
            missing = "none of them is" if len(having) > 1 else "that is not"
            raise UsageError(
                f"--{name} is for {' and '.join(having)}, and {missing} written",
                f"leave it out, or have one written: --emit {having[0]}",
            )
        fault = fault_of(takers or options_named(name), values)
        if fault is not None:
            others = [
                form
                for form in written_forms()
                if form not in written
                and options_named(name, [form])
                and fault_of(options_named(name, [form]), values) is None
            ]
            if takers and others and takers[0].kind == OPTIONAL:
                word = f"--{name}={values[-1]}"
                message = f"{word} is for {' and '.join(others)}, and that is not written"
                raise UsageError(message, f"--{name} for {' and '.join(written)}")
            raise UsageError(*fault)
    for form in written:
        settings_of(form, given)


def fault_of(options: Sequence[BackendOption], values: Iterable[str]) -> tuple[str, str] | None:
    """Return what is wrong with a value that none of *options* takes, and advice; or None."""
    for value in values:
        faults = [option.fault(value) for option in options]
        if faults and None not in faults:
            # What the one with the most choices says is what there is to choose from.
            return max(options, key=lambda option: len(option.choices)).fault(value)
    return None


def options_named(name: str, forms: Iterable[str] | None = None) -> list[BackendOption]:
    """Return the options called *name* of what makes *forms*, by default all that there are."""
    return [
        option
        for form in (written_forms() if forms is None else forms)
        for option in options_of_form(form)
        if option.name == name
    ]
