"""A visitor of the app without a browser: opens pages and makes choices over Streamlit's own websocket.

What comes is counted as a browser would get it, by the kind of element; nothing is drawn. A message that was
sent before and is still kept by a browser comes as a reference, as it does there.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).resolve().parents[1]
#: Seconds after which a page is given up.
PATIENCE = 300.0


@dataclass
class View:
    """One run of a page: seconds to its first number and to its end, bytes by kind of element, errors it showed."""

    first: float | None = None
    seconds: float = 0.0
    bytes: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All bytes that came."""
        return self.bytes.total()


class Visitor:
    """One session; ``boxes`` are the select boxes of the page as (id, options, chosen) by label."""

    def __init__(self, port: int) -> None:
        self.address = f"ws://localhost:{port}/_stcore/stream"
        self.boxes: dict[str, tuple[str, list[str], str]] = {}
        self._page = self._query = ""
        self._socket: Any = None
        self._kept: dict[str, int] = {}
        self._runs, self._age = 0, 2

    async def open(self, page: str, query: str = "") -> View:
        """Open the page of an address, as after typing it."""
        if self._socket is None:
            self._socket = await websockets.connect(self.address, subprotocols=["streamlit"], max_size=None)
        self._page, self._query, self.boxes = page, query, {}
        return await self._run()

    async def choose(self, label: str, option: str) -> View:
        """Choose an option of a select box."""
        key, options, _ = self.boxes[label]
        self.boxes[label] = (key, options, option)
        return await self._run()

    async def close(self) -> None:
        """Leave, as by closing the tab."""
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    async def _run(self) -> View:
        asked = BackMsg()
        rerun = asked.rerun_script
        rerun.page_name, rerun.query_string = self._page, self._query
        rerun.cached_message_hashes.extend(self._kept)
        for key, _, chosen in self.boxes.values():
            if chosen:
                rerun.widget_states.widgets.add(id=key, string_value=chosen)
        view, began = View(), time.perf_counter()
        await self._socket.send(asked.SerializeToString())
        fresh: dict[str, tuple[str, list[str], str]] = {}
        async with asyncio.timeout(PATIENCE):
            while True:
                data = await self._socket.recv()
                told = ForwardMsg.FromString(data)
                kind = self._kind(told, view)
                view.bytes[kind] += len(data)
                if kind in ("metric", "info") and view.first is None:
                    view.first = time.perf_counter() - began
                if kind == "selectbox":
                    box = told.delta.new_element.selectbox
                    options = list(box.options)
                    default = options[box.default] if box.HasField("default") and options else ""
                    kept = self.boxes.get(box.label)
                    chosen = box.raw_value if box.set_value else (kept[2] if kept and kept[0] == box.id else default)
                    fresh[box.label] = (box.id, options, chosen)
                if kind == "script_finished":
                    if told.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                        break
                    fresh = {}
        view.seconds = time.perf_counter() - began
        # Boxes that came as references stand as they were.
        self.boxes |= fresh
        self._runs += 1
        self._kept = {key: run for key, run in self._kept.items() if self._runs - run <= self._age}
        return view

    def _kind(self, told: ForwardMsg, view: View) -> str:
        kind = told.WhichOneof("type") or "nothing"
        if kind == "ref_hash":
            self._kept[told.ref_hash] = self._runs
        if kind == "page_info_changed":
            self._query = told.page_info_changed.query_string
        if kind != "delta":
            return str(kind)
        if told.metadata.cacheable:
            self._kept[told.hash] = self._runs
        change = told.delta.WhichOneof("type")
        if change != "new_element":
            return str(change)
        element = told.delta.new_element.WhichOneof("type")
        if element == "exception" or (element == "alert" and told.delta.new_element.alert.format == 1):
            view.errors.append(str(told.delta.new_element)[:400])
        return str(element)


class Server:
    """The real app in a process of its own, on a free port, with the database of a home folder."""

    def __init__(self, home: Path, port: int | None = None) -> None:
        if port is None:
            with socket.socket() as free:
                free.bind(("localhost", 0))
                port = int(free.getsockname()[1])
        self.port = port
        env = os.environ | {"TRUSTSURVEY_HOME": str(home)}
        command = [sys.executable, "-m", "trustsurvey", "app", "--port", str(port), "--no-sample"]
        self._began = time.perf_counter()
        self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, start_new_session=True)
        while True:
            try:
                socket.create_connection(("localhost", port), 1).close()
                break
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError("the app did not start") from None
                time.sleep(0.02)
        self.started = time.perf_counter() - self._began

    @property
    def cpu(self) -> float:
        """Processor seconds so far (Linux)."""
        told = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> float:
        """Megabytes in memory (Linux)."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def settle(self, quiet: float = 3.0) -> float:
        """Wait until the app has made everything ready; seconds from its start."""
        while True:
            before = self.cpu
            time.sleep(quiet)
            if self.cpu - before < quiet / 20:
                return time.perf_counter() - self._began

    def stop(self) -> None:
        """End the app."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
