"""The parser of a command: what is wrong comes first, then one line of usage; misspelt names get the nearest ones."""

import argparse
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from ..conformance.misspelt import did_you_mean

_KIND = re.compile(r"argument (?P<name>.+?): invalid (?P<kind>int|float) value: (?P<given>.*)$")
_KINDS = {"int": "a whole number", "float": "a number"}
_CHOICE = re.compile(r"argument (?P<name>.+?): invalid choice: '?(?P<given>.*?)'? \(choose from (?P<known>.*)\)$")


class Parser(argparse.ArgumentParser):
    """``argparse``'s own, with other errors."""

    def parsed(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Parse, and refuse what is left over by the name of the option that may have been meant."""
        options, left = self.parse_known_args(arguments)
        if left:
            unknown = next((one for one in left if one.startswith("-")), left[0])
            word = unknown.partition("=")[0]
            known = did_you_mean(word, self._option_string_actions) if word.startswith("-") else ""
            self.error(f"no {'option' if word.startswith('-') else 'argument'} {word} is known{known}")
        return options

    def error(self, message: str) -> NoReturn:
        """Print the message, a line of usage, and exit with 2."""
        print(f"rnn-ref: {_told(message)}", file=sys.stderr)
        print(f"usage: {self.prog} {self._shortly()}; all of it: {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)

    def _shortly(self) -> str:
        """Return what goes by position, and that there are options."""
        words = []
        for one in self._actions:
            if not one.option_strings:
                name = str(one.metavar or one.dest)
                words.append({"?": f"[{name}]", "*": f"[{name} ...]"}.get(str(one.nargs), name))
        return " ".join([*words, "[OPTION ...]"])


def _told(message: str) -> str:
    if kind := _KIND.match(message):
        return f"{kind['name']} is {kind['given']}, expected {_KINDS[kind['kind']]}"
    found = _CHOICE.match(message)
    if found is None:
        return message.removeprefix("argument ")
    known = [one.strip(" '") for one in found["known"].split(",")]
    return f"{found['name']} is {found['given']}, expected {', '.join(known)}{did_you_mean(found['given'], known)}"
