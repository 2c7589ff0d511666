"""Reading YAML that people write: every scalar stays the text it was, and a key written twice is an error.

YAML's own guesses (``NO`` → False, ``00123`` → 83, a bare date → a date object) are switched off;
the typed models decide what a text means.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from kamplay.errors import Fault, KamplayError, nearest

Model = TypeVar("Model", bound=BaseModel)


class _TextLoader(yaml.BaseLoader):
    """PyYAML's text-only loader, with duplicate keys refused."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"duplicate key {key.value}", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=True)


def parse(text: str, file: str) -> Any:
    """The YAML in ``text`` with all scalars as text and empty ones as None. Raises KamplayError naming line
    and column.
    """
    try:
        return _blank_to_none(yaml.load(text, Loader=_TextLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = {"line": mark.line + 1, "position": mark.column + 1} if mark else {"line": 0, "position": 0}
        problem = (error.problem or "").split("\n")[0]
        raise KamplayError(
            Fault("yaml_broken", file=file, row=place["line"], args={**place, "detail": problem})
        ) from None
    except yaml.YAMLError as error:  # a control character, say
        raise KamplayError(
            Fault("yaml_broken", file=file, args={"line": 0, "position": 0, "detail": str(error)[:80]})
        ) from None


def read_yaml(path: Path, shown_as: str) -> Any:
    """``parse`` for a file, read as UTF-8 with or without a byte-order mark."""
    try:
        return parse(path.read_text(encoding="utf-8-sig"), shown_as)
    except UnicodeDecodeError:
        raise KamplayError(Fault("not_utf8", file=shown_as)) from None
    except (FileNotFoundError, NotADirectoryError):
        raise KamplayError(Fault("file_missing", file=shown_as)) from None


def _blank_to_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _blank_to_none(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_blank_to_none(v) for v in value]
    return None if value in ("", "~", "null") else value


def validated(model: type[Model], raw: Any, file: str) -> Model:
    """``raw`` as a ``model``; every unknown key, missing key and wrong value becomes one fault, raised
    together.
    """
    if not isinstance(raw, dict):
        raise KamplayError(Fault("settings_not_a_mapping", file=file))
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise KamplayError([_fault(model, e, file) for e in error.errors()]) from None


def _fault(model: type[BaseModel], error: Any, file: str) -> Fault:
    path = [
        str(part) for part in error["loc"] if part != "[key]"
    ]  # a fault of a key stands at the key itself
    dotted = ".".join(path)
    if error["type"] == "extra_forbidden":
        near = nearest(path[-1], _known_keys(model, path[:-1])) or _anywhere(model, path[-1])
        return Fault("setting_unknown", file=file, column=dotted, args={"near": near} if near else {})
    if error["type"] == "missing":
        return Fault("setting_missing", file=file, column=dotted)
    context = error.get("ctx", {})
    if error["type"] == "literal_error":
        return Fault(
            "setting_not_allowed",
            file=file,
            column=dotted,
            value=str(error["input"]),
            args={"allowed": ", ".join(re.findall(r"'(.*?)'", context["expected"]))},
        )
    own = context.get("error")
    if (
        isinstance(own, ValueError)
        and own.args
        and isinstance(own.args[0], str)
        and own.args[0].isidentifier()
    ):
        args = dict(own.args[1]) if len(own.args) > 1 else {}
        at = args.pop("at", None)
        value = None if error["loc"][-1:] == ("[key]",) else _short(error["input"])
        return Fault(
            own.args[0], file=file, column=".".join(filter(None, (dotted, at))), value=value, args=args
        )
    return Fault(
        "setting_invalid",
        file=file,
        column=dotted,
        value=_short(error["input"]),
        args={"expected": error["type"], **_plain(context)},
    )


def _short(value: Any) -> str | None:
    if isinstance(value, dict):
        return None
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _plain(context: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in context.items() if isinstance(v, int | float | str)}


def _known_keys(model: type[BaseModel], path: list[str]) -> list[str]:
    here: type[BaseModel] | None = model
    is_many = False
    for part in path:
        # a key of the user's own (a table's name) or a place in a list: the model of its value stands already
        if is_many:
            is_many = False
            continue
        field = here.model_fields.get(part) if here else None
        if field is None:
            return []
        models = [
            t
            for t in (field.annotation, *get_args(field.annotation))
            if isinstance(t, type) and issubclass(t, BaseModel)
        ]
        here = models[0] if models else None
        is_many = get_origin(field.annotation) in (dict, list)
    return [f.alias or name for name, f in here.model_fields.items()] if here else []


def _anywhere(model: type[BaseModel], word: str) -> str | None:
    """``horizon_days`` written at the top is most likely ``health.horizon_days``."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            close = difflib.get_close_matches(word, list(inner.model_fields), n=1, cutoff=0.8)
            if close:
                return f"{name}.{close[0]}"
    return None
