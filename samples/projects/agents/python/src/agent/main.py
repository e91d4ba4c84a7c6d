"""The commands of the agent."""

from __future__ import annotations

import argparse
from pathlib import Path

from agent.calls import action, call_key, calls_map, counts_map, rule, rules_map


def watch(directory: Path, key: call_key, level: int, label: int) -> None:
    """Have a system call of a process counted and reported."""
    what = rule(action=action.REPORT, urgent=level > 99, level=level, label=label)
    with rules_map.open(directory / "rules") as rules:
        rules[key] = what


def forget(directory: Path, key: call_key) -> None:
    """Have it counted no more, and drop what was counted."""
    with (
        rules_map.open(directory / "rules") as rules,
        counts_map.open(directory / "counts") as counts,
    ):
        del rules[key]
        counts.delete(key)  # there is none before the first call


def show(directory: Path) -> None:
    """Print every rule, and how many calls there were."""
    with (
        rules_map.open(directory / "rules") as rules,
        counts_map.open(directory / "counts") as counts,
    ):
        for key, what in rules.items():
            calls = sum(count.calls for count in counts.get(key, []))
            print(f"rule pid={key.pid} number={key.number} calls={calls} {words(what)}")


def follow(directory: Path) -> None:
    """Print the records that are there."""
    with calls_map.open(directory / "calls") as calls:
        for call in calls.records(timeout=0):
            key = call.key
            comm = call.who.comm_text
            print(f"call pid={key.pid} number={key.number} comm={comm} {words(call.rule)}")


def words(what: rule) -> str:
    """Return a rule as text."""
    name = action(what.action).name
    return f"action={name} urgent={what.urgent} level={what.level} label={what.label}"


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="agent")
    parser.add_argument("directory", type=Path, help="where the maps are pinned")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("show")
    commands.add_parser("follow")
    watched, forgotten = commands.add_parser("watch"), commands.add_parser("forget")
    for command in (watched, forgotten):
        command.add_argument("pid", type=int)
        command.add_argument("number", type=int)
    watched.add_argument("level", type=int)
    watched.add_argument("label", type=int)
    words = parser.parse_args()
    match words.command:
        case "show":
            show(words.directory)
        case "follow":
            follow(words.directory)
        case "watch":
            key = call_key(pid=words.pid, number=words.number)
            watch(words.directory, key, words.level, words.label)
        case "forget":
            forget(words.directory, call_key(pid=words.pid, number=words.number))
