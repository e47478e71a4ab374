"""A person who opens every page of the app, tries every box, presses every button, and keeps all that is sent.

Kept is what a browser gets: each element with its tables, figures and hidden texts, the address, and the files behind
the buttons that save something.
"""

from __future__ import annotations

import base64
import importlib
import io
import json
import pkgutil
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pytest
from conftest import ROOT
from google.protobuf.json_format import MessageToDict
from pypdf import PdfReader
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.testing.v1 import AppTest

import trustsurvey
from trustsurvey import rights

#: Widgets with something to choose.
CHOICES = ("selectbox", "radio", "button_group", "multiselect", "toggle", "checkbox")
#: What is typed where something can be typed.
TYPED = "slow*"
#: How much there is to choose on a page at most whose boxes are tried two by two.
FEW_CHOICES = 8
#: What differs between two copies of a study without saying anything: times of the clock and digests of files.
STAMPS = re.compile(r"\b(?=[0-9]*[a-f])[0-9a-f]{24,64}\b|\b\d\d:\d\d(:\d\d)?(\.\d+)?(\+00:00)?\b|/mock/media/\S+")
#: Names of things on a page, some made by chance.
CHANCE = ("deferredFileId", "url", "id", "elementId", "uuid")
#: How a table begins where bytes are written as text.
TABLE = base64.b64encode(b"\xff" * 3).decode()


def pages() -> list[str]:
    """All pages of the app, whichever those are by now."""
    return [f"pages/{path.name}" for path in sorted((ROOT / "pages").glob("*.py")) if path.stem != "__init__"]


def with_rights(patch: pytest.MonkeyPatch, may: Callable[[str], bool]) -> None:
    """Whoever asks may do what ``may`` says of the action, on every page and in every function behind it."""
    asked = rights.allowed
    for found in pkgutil.walk_packages(trustsurvey.__path__, "trustsurvey."):
        if not found.name.endswith("__main__") and ".migrations." not in found.name:
            importlib.import_module(found.name)

    def answer(person: rights.Person, action: rights.Action, thing: str) -> bool:
        return may(action)

    for name, module in list(sys.modules.items()):
        if name.startswith("trustsurvey") and getattr(module, "allowed", None) is asked:
            patch.setattr(module, "allowed", answer)


@dataclass
class Walk:
    """What was sent, by what was done to get it, and the files that could be saved."""

    sent: dict[str, list[bytes]] = field(default_factory=dict)
    elements: dict[bytes, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def keep(self, step: str, test: AppTest, messages: Sequence[Any], offered: Sequence[tuple[str, Any]]) -> None:
        """All that a run sent, and the files that it offered."""
        assert not test.exception, (step, [e.proto.message for e in test.exception])
        said = [json.dumps(dict(test.query_params), sort_keys=True).encode()]
        for message in messages:
            kind = message.WhichOneof("type")
            if kind not in ("delta", "navigation", "page_config_changed", "page_info_changed"):
                continue
            content = message.delta if kind == "delta" else message
            if kind == "delta" and _passing(content):
                continue
            raw = content.SerializeToString(deterministic=True)
            self.elements.setdefault(raw, content)
            said.append(raw)
        self.sent[step] = said
        for name, content in offered:
            if name.endswith(".pdf") and any(known.endswith(".pdf") for known in self.files):
                continue  # made of the page beside it, and slow: once is enough
            made = content() if callable(content) else content
            self.files[f"{step}: {name}"] = made.encode() if isinstance(made, str) else made

    def pieces(self, step: str) -> set[str]:
        """The pieces of a page, without its address and the frames around them."""
        found = [self.elements[raw] for raw in self.sent[step] if raw in self.elements]
        return {
            _told(one) for one in found if one.DESCRIPTOR.name == "Delta" and one.WhichOneof("type") == "new_element"
        }

    def told(self) -> dict[str, list[str]]:
        """Everything in words: by step what was sent, by file what stands in it."""
        words = {raw: _told(content) for raw, content in self.elements.items()}
        by_step = {step: [words.get(raw, raw.decode(errors="replace")) for raw in raws] for step, raws in
                   self.sent.items()}  # fmt: skip
        files = {content: [STAMPS.sub("", line) for line in read_file(content)] for content in {*self.files.values()}}
        return by_step | {name: files[content] for name, content in self.files.items()}


def _passing(delta: Any) -> bool:
    """Whether it is a sign that something is being worked out, which depends on what was worked out before."""
    shown = delta.new_transient.elements if delta.WhichOneof("type") == "new_transient" else ()
    return delta.WhichOneof("type") == "new_transient" and all(one.WhichOneof("type") == "spinner" for one in shown)


def _told(message: Any) -> str:
    """A message as text, with the tables in it and without what is by chance."""

    def opened(value: Any) -> Any:
        if isinstance(value, dict) and {"dtype", "bdata"} <= set(value):
            return np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"]).tolist()
        if isinstance(value, dict):
            return {k: opened(v) for k, v in value.items() if k not in CHANCE}
        if isinstance(value, list):
            return [opened(one) for one in value]
        if isinstance(value, str) and value.startswith('{"data":'):
            return opened(json.loads(value))
        return "" if isinstance(value, str) and value.startswith(TABLE) else value

    whole = opened(MessageToDict(message))
    whole["tables"] = [pa.ipc.open_stream(table).read_all().to_pydict() for table in _tables(message)]
    return STAMPS.sub("", json.dumps(whole, sort_keys=True, default=str))


def _tables(message: Any) -> Iterator[bytes]:
    """The bytes of tables anywhere in a message."""
    for described, value in message.ListFields():
        if described.type == described.TYPE_BYTES and not described.is_repeated:
            if value[:4] == b"\xff" * 4:
                yield value
        elif described.type == described.TYPE_MESSAGE:
            for one in value if described.is_repeated and not hasattr(value, "ListFields") else [value]:
                if hasattr(one, "ListFields"):
                    yield from _tables(one)


def read_file(content: bytes) -> list[str]:
    """All that stands in a file: cells of all sheets, hidden ones and properties too, members of archives, text."""
    if content[:5] == b"%PDF-":
        # In one piece: where lines end is the renderer's, which was seen to end one elsewhere on the same page of HTML.
        words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split()
        return [re.sub(r"(?<=[-/]) ", "", " ".join(words))]
    if content[:4] != b"PK\x03\x04":
        return content.decode("utf-8-sig", errors="replace").splitlines()
    archive = zipfile.ZipFile(io.BytesIO(content))
    if "xl/workbook.xml" not in archive.namelist():
        return [f"{name}: {line}" for name in archive.namelist() for line in read_file(archive.read(name))]
    book = openpyxl.load_workbook(io.BytesIO(content))
    properties = {name: value for name, value in vars(book.properties).items() if name not in ("created", "modified")}
    return [f"{properties} {[*book.defined_names]}"] + [
        f"{sheet.title}: {row} {[c.comment.text for c in cells if c.comment]}"
        for sheet in book.worksheets
        for cells, row in zip(sheet.iter_rows(), sheet.iter_rows(values_only=True), strict=True)
    ]


class Walker:
    """One person at one page after another; ``press``: which buttons are pressed, by their words."""

    def __init__(self, patch: pytest.MonkeyPatch, press: Callable[[str], bool] = lambda label: True) -> None:
        self.walk, self.press = Walk(), press
        self.offered: list[tuple[str, Any]] = []
        self.messages: list[Any] = []
        self.opened: list[set[str]] = []
        self.pressed: set[str] = set()
        add, later, send = MediaFileManager.add, MediaFileManager.add_deferred, ForwardMsgQueue.enqueue

        def sent(queue: Any, message: Any) -> None:
            self.messages.append(message)
            send(queue, message)

        def keep(manager: Any, content: Any, *rest: Any, **more: Any) -> Any:
            self.offered.append((more.get("file_name") or "", content))
            return add(manager, content, *rest, **more)

        def keep_later(manager: Any, content: Any, *rest: Any, **more: Any) -> Any:
            self.offered.append((more.get("file_name") or "", content))
            return later(manager, content, *rest, **more)

        patch.setattr(ForwardMsgQueue, "enqueue", sent)
        patch.setattr(MediaFileManager, "add", keep)
        patch.setattr(MediaFileManager, "add_deferred", keep_later)

    def visit(self, page: str, depth: int = 2, **query: str) -> dict[str, str]:
        """Open a page and try everything on it, so deep; what the address said of it when it was opened."""
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        step = " ".join([Path(page).stem, *(f"{name}={value}" for name, value in query.items())])
        for name, value in query.items():
            test.query_params[name] = value
        self._run(test.switch_page(page), step)
        # A page that leads on to another one is not walked again.
        sent = self.walk.pieces(step)
        if not any(sent <= other for other in self.opened):
            self.opened.append(sent)
            self.pressed.clear()
            address = {name: str(value) for name, value in test.query_params.items()}
            if depth > 0:
                self._try(test, step, depth, set())
            return address
        return {}

    def _run(self, test: AppTest, step: str) -> None:
        self.offered.clear()
        self.messages.clear()
        test.run()
        self.walk.keep(step, test, self.messages, [*self.offered])

    def _try(self, test: AppTest, step: str, depth: int, known: set[str]) -> None:
        for label in [button.label for button in test.button if not button.disabled and self.press(button.label)]:
            pressed = next((button for button in test.button if button.label == label), None)
            if pressed is not None and label not in self.pressed:
                self.pressed.add(label)
                pressed.click()
                self._run(test, f"{step} / press {label}")
        first = {name: _looks(box) for name, box in _boxes(test).items()}
        here = [name for name in first if name not in known]
        # On a page of few boxes every two are tried together; else those that appear once another was used.
        few = sum(len(_choices(box, _chosen(box))) for name, box in _boxes(test).items() if name in here) <= FEW_CHOICES
        undone = True
        for name in here:
            box = _boxes(test).get(name)
            # What was tried is undone together with the next choice, unless that looks otherwise for it.
            if not undone and (box is None or _looks(box) != first[name]):
                test.run()
                undone, box = True, _boxes(test).get(name)
            if box is None:
                continue
            was = _chosen(box)
            for choice in _choices(box, was):
                if (box := _boxes(test).get(name)) is None:
                    break
                told = f"{step} / {name} = {choice}"
                _choose(box, choice)
                self._run(test, told)
                undone = True
                if depth > 1:
                    self._try(test, told, depth - 1, known | set(here[: here.index(name) + 1] if few else here))
            if (box := _boxes(test).get(name)) is not None and _chosen(box) != was:
                _choose(box, was)
                undone = False
        if not undone:
            test.run()
        if depth < 2:
            return
        for label in [one.label for one in test.text_input if not one.disabled and not one.value]:
            if typed := next((one for one in test.text_input if one.label == label), None):
                typed.set_value(TYPED)
                self._run(test, f"{step} / {label} = {TYPED}")


def _looks(box: Any) -> bytes:
    """All that a box is at the moment: what it offers, and what is chosen."""
    return bytes(box.proto.SerializeToString(deterministic=True) + _state(box).SerializeToString(deterministic=True))


def _boxes(test: AppTest) -> dict[str, Any]:
    found = {f"{kind} {box.proto.label}": box for kind in CHOICES for box in test.get(kind) if not box.disabled}
    # The language of the page is not known outside its run, where boxes are asked what they show.
    return {name: box for name, box in found.items() if not name.startswith("selectbox Language")}


def _state(box: Any) -> WidgetState:
    try:
        found: WidgetState = type(box)._widget_state.fget(box)
    except ValueError:  # nothing of what it offers is chosen
        found = WidgetState(id=box.id)
    return found


def _chosen(box: Any) -> Any:
    """What is chosen, as it is shown."""
    state = _state(box)
    kind = state.WhichOneof("value")
    if kind == "string_array_value":
        return list(state.string_array_value.data)
    return None if kind is None else getattr(state, kind)


def _choices(box: Any, was: Any) -> list[Any]:
    """What else can be chosen: each alone; of a list of which several can be, all together and the last alone."""
    if isinstance(was, bool):
        return [not was]
    if box.type in ("selectbox", "radio"):
        return [option for option in box.options if option != was]
    several = [[option] for option in box.options]
    if box.type == "multiselect" and len(box.options) > 1:
        several = [[*box.options], several[-1]]
    return [some for some in several if some != was]


def _choose(box: Any, choice: Any) -> None:
    """Choose what is shown so, whatever stands behind it."""
    state = WidgetState()
    state.CopyFrom(_state(box))
    if isinstance(choice, list):
        state.string_array_value.data[:] = choice
    elif isinstance(choice, bool):
        state.bool_value = choice
    elif choice is None:
        state.ClearField("value")
    else:
        state.string_value = choice
    kind = type(box)
    box.__class__ = type(kind.__name__, (kind,), {"_widget_state": property(lambda self: state)})
