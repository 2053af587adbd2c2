"""Texts with placeholders, such as `ref:nyc/{Unique Key}`: read once, filled for every record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

Lookup = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Template:
    """Literal pieces and names in turn; `{{` and `}}` stand for the braces themselves."""

    pieces: tuple[tuple[str, str | None], ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Read a template; raises `ValueError` for a brace without its partner or an empty name."""
        pieces: list[tuple[str, str | None]] = []
        literal, position = "", 0
        while position < len(text):
            pair = text[position : position + 2]
            if pair in ("{{", "}}"):
                literal, position = literal + pair[0], position + 2
            elif text[position] == "{":
                end = text.find("}", position)
                name = text[position + 1 : end]
                if end < 0 or not name or "{" in name:
                    raise ValueError(f"a placeholder in {text!r} has no name or no end")
                pieces.append((literal, name))
                literal, position = "", end + 1
            elif text[position] == "}":
                raise ValueError(f"a closing brace without its partner in {text!r}")
            else:
                literal, position = literal + text[position], position + 1
        if literal or not pieces:
            pieces.append((literal, None))
        return cls(tuple(pieces))

    @property
    def names(self) -> tuple[str, ...]:
        """The placeholders in their order."""
        return tuple(name for _, name in self.pieces if name is not None)

    @property
    def literals(self) -> tuple[str, ...]:
        """The texts between the placeholders."""
        return tuple(literal for literal, _ in self.pieces)

    def fill(self, lookup: Lookup) -> str | None:
        """The filled text, or None as soon as one placeholder is absent: half a name is no name."""
        parts: list[str] = []
        for literal, name in self.pieces:
            parts.append(literal)
            if name is not None:
                value = lookup(name)
                if value is None:
                    return None
                parts.append(value)
        return "".join(parts)


@lru_cache(maxsize=4_096)
def template_of(text: str) -> Template:
    """The template of a text, parsed once however many records are filled from it."""
    return Template.parse(text)
