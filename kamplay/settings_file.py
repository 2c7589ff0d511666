"""Reading YAML that people write: every scalar stays the text it was, and a key written twice is an error.

YAML's own guesses (``NO`` → False, ``00123`` → 83, a bare date → a date object) are switched off;
the typed models decide what a text means.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from kamplay.codebook import LARGEST
from kamplay.errors import Fault, KamplayError, nearest
from kamplay.yaml_slips import reason, slip, without_space

Model = TypeVar("Model", bound=BaseModel)
# No settings that people write come near these: a file beyond them is not one, or is made to fill the memory
MOST_BYTES = 500_000
MOST_PICTURE = 5_000_000  # bytes of a logo, which the page carries in it
MOST_DEEP = 40  # levels, one inside the other
MOST_VALUES = 100_000  # with what an alias repeats counted each time


class _TextLoader(yaml.BaseLoader):
    """PyYAML's text-only loader, with duplicate keys, keys that are no text and bottomless nesting
    refused.
    """

    def __init__(self, stream: str):
        super().__init__(stream)
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MOST_DEEP:
            raise KamplayError(
                Fault("yaml_too_deep", row=self.line + 1, args={"line": self.line + 1, "most": MOST_DEEP})
            )
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                line = key.start_mark.line + 1
                raise KamplayError(Fault("yaml_key_no_text", row=line, args={"line": line}))
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
    if len(text) > MOST_BYTES:
        raise KamplayError(Fault("file_too_large", file=file, args={"most": MOST_BYTES}))
    try:
        found = _plain_values(yaml.load(text, Loader=_TextLoader))
        if quoted := slip(text, broken=False):
            raise _slipped(*quoted, file)
        if lacking := without_space(text):
            raise _run_together(*lacking, file)
        return found
    except KamplayError as error:
        raise KamplayError([replace(f, file=file) for f in error.faults]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = {"line": mark.line + 1, "position": mark.column + 1} if mark else {"line": 0, "position": 0}
        if typed := slip(text, broken=True):
            raise _slipped(*typed, file) from None
        problem = (error.problem or "").split("\n")[0]
        args = {**place, "reason": reason(problem)}
        if args["reason"] in ("no_colon", "second_colon") and (
            lacking := without_space(text, int(place["line"]))
        ):
            raise _run_together(*lacking, file) from None
        if args["reason"] in ("key_twice", "character"):
            args["what"] = re.sub("^(duplicate key|found character) ", "", problem).split(" ")[0]
        raise KamplayError(Fault("yaml_broken", file=file, row=place["line"], args=args)) from None
    except yaml.reader.ReaderError as error:  # a control character, say
        before = text[: error.position]
        place = {"line": before.count("\n") + 1, "position": len(before) - (before.rfind("\n") + 1) + 1}
        args = {**place, "reason": "character", "what": f"U+{error.character:04X}"}
        raise KamplayError(Fault("yaml_broken", file=file, row=place["line"], args=args)) from None


def parse_shipped(text: str) -> Any:
    """What ``parse`` makes of a file of the package's own, read in C where that is there. What people get
    wrong is not looked for in it: the tests do.
    """
    return _plain_values(yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)))


def _slipped(number: int, kind: str, file: str) -> KamplayError:
    return KamplayError(Fault("yaml_slip", file=file, row=number, args={"slip": kind}))


def _run_together(number: int, row: str, meant: str, file: str) -> KamplayError:
    args = {"slip": "space", "meant": meant}
    return KamplayError(Fault("yaml_slip", file=file, row=number, value=row, args=args))


def read_yaml(path: Path, shown_as: str) -> Any:
    """``parse`` for a file, as ``read_text`` reads it."""
    return parse(read_text(path, shown_as), shown_as)


def read_text(path: Path, shown_as: str) -> str:
    """A text that a consultant wrote, in UTF-8 with or without a byte-order mark.

    Raises
    ------
    KamplayError
        It is in another encoding, larger than MOST_BYTES, or cannot be read, as ``read_bytes`` says.
    """
    data = read_bytes(path, shown_as, MOST_BYTES)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:  # GBK, say; what a wrong guess makes of a client's name nobody would see
        raise KamplayError(Fault("not_utf8", file=shown_as)) from None


def read_bytes(path: Path, shown_as: str, most: int = MOST_PICTURE) -> bytes:
    """A file, without ever waiting: a folder, a pipe or a device in its place is a fault.

    Raises
    ------
    KamplayError
        There is no such file, it is none, it may not be read, or it has more bytes than ``most``.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise KamplayError(Fault("file_not_a_file", file=shown_as))
            data = file.read(most + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise KamplayError(Fault("file_missing", file=shown_as)) from None
    except IsADirectoryError:
        raise KamplayError(Fault("file_not_a_file", file=shown_as)) from None
    except PermissionError:
        code = "file_not_a_file" if path.is_dir() else "file_not_permitted"  # as Windows says of a folder
        raise KamplayError(Fault(code, file=shown_as)) from None
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise KamplayError(Fault("file_not_read", file=shown_as, args={"detail": detail})) from None
    if len(data) > most:
        raise KamplayError(Fault("file_too_large", file=shown_as, args={"most": most}))
    return data


def with_lines(faults: Iterable[Fault], folder: Path) -> list[Fault]:
    """The faults, those of a setting in a YAML file of ``folder`` with the line that it stands in. What
    stands in no line (a setting that lacks) and what cannot be read keeps none.
    """
    nodes: dict[str, yaml.Node | None] = {}
    out = []
    for fault in faults:
        name, _, above = (fault.file or "").partition(" · ")
        if fault.row is None and fault.column and name.endswith((".yaml", ".yml")):
            if name not in nodes:
                nodes[name] = _composed(folder / name, name)
            path = f"{above}.{fault.column}" if above else fault.column
            if node := nodes[name]:
                fault = replace(fault, row=_line_of(node, path))
        out.append(fault)
    return out


def _composed(path: Path, shown_as: str) -> yaml.Node | None:
    try:
        return yaml.compose(read_text(path, shown_as), Loader=_TextLoader)
    except (KamplayError, yaml.YAMLError):
        return None


def _line_of(node: yaml.Node, path: str) -> int | None:
    """The line of the setting with a dotted path, or of the part of it that is there. A key may hold dots
    itself.
    """
    line = None
    while path:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if f"{path}.".startswith(f"{key.value}.")]
            if not found:
                break
            key, node = max(found, key=lambda pair: len(pair[0].value))
            path = path[len(key.value) + 1 :]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode):
            number, _, path = path.partition(".")
            if not number.isdigit() or int(number) >= len(node.value):
                break
            node = node.value[int(number)]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _plain_values(value: Any) -> Any:
    """Empty texts as None, and texts that no file can hold refused; counts the values, since one that an
    alias repeats stands in many places.
    """
    count = 0

    def plain(value: Any, depth: int, path: str) -> Any:
        nonlocal count
        count += 1
        if count > MOST_VALUES:
            raise KamplayError(Fault("yaml_too_many", args={"most": MOST_VALUES}))
        if depth > MOST_DEEP:
            raise KamplayError(Fault("yaml_too_deep", args={"line": None, "most": MOST_DEEP}))
        if isinstance(value, dict):
            return {
                text(k, path): plain(v, depth + 1, f"{path}.{k}" if path else str(k))
                for k, v in value.items()
            }
        if isinstance(value, list):
            return [plain(v, depth + 1, path) for v in value]
        return None if value in (None, "", "~", "null") else text(value, path)

    def text(value: str, path: str) -> str:
        found = _UNUSABLE.search(value)
        if found:
            raise KamplayError(
                Fault("character_unusable", column=shown(path), args={"character": f"U+{ord(found[0]):04X}"})
            )
        return value

    def shown(path: str) -> str | None:
        return _UNUSABLE.sub("\ufffd", path) or None

    return plain(value, 0, "")


_UNUSABLE = re.compile("[\ud800-\udfff\0]")  # half a character, which no file can hold, and the end of a name


def bounded(value: Any) -> Any:
    """``value``, a number or any depth of lists and mappings of numbers; ValueError for one beyond LARGEST,
    which no sum could take up.
    """
    for number in value.values() if isinstance(value, dict) else value if _is_list(value) else (value,):
        if isinstance(number, dict) or _is_list(number):
            bounded(number)
        elif isinstance(number, int | float) and abs(number) > LARGEST:
            raise ValueError("number_too_large", {"most": LARGEST})
    return value


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


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
        word, known = path[-1], _known_keys(model, path[:-1])
        near = _anywhere(model, word, 1.0) or nearest(word, known) or _anywhere(model, word, 0.8)
        return Fault("setting_unknown", file=file, column=dotted, args={"near": near} if near else {})
    if error["type"] == "finite_number":
        return Fault("number_not_finite", file=file, column=dotted, value=_short(error["input"]))
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


def _anywhere(model: type[BaseModel], word: str, likeness: float) -> str | None:
    """``horizon_days`` written at the top is most likely ``health.horizon_days``."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            close = difflib.get_close_matches(word, list(inner.model_fields), n=1, cutoff=likeness)
            if close:
                return f"{name}.{close[0]}"
    return None
