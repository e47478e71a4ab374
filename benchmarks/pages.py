"""How long the app's pages take and what they send, by real sessions: ``python benchmarks/pages.py HOME``.

HOME is the folder ``home`` that ``large_study.py`` made. The app is started, pages are opened and choices made
by a visitor (``sessions.py``); seconds are wall clock from asking to the end of the run, ``cpu`` processor
seconds of the server meanwhile. Linux, for what the system tells of a process.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles

if __package__ is None:
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.sessions import Server, View, Visitor

PAGES = {"Trust": "results", "One area": "area", "What residents say": "themes", "Side by side": "sources"}
#: What is chosen on each page: box, and places among its options, in this order.
CHOICES = {
    "results": [("Areas", 1), ("Areas", 0), ("What", 1), ("What", 2), ("What", 0), ("Wave", -2), ("Wave", 3),
                ("Wave", -1), ("By", 1)],
    "area": [("Area", 3), ("Area", 5), ("Areas", 1), ("Areas", 0), ("Wave", -2), ("Wave", -1)],
    "themes": [("Theme", 2), ("Theme", 4), ("Question", 1), ("Question", 0), ("Wave", -2), ("Wave", -1)],
}  # fmt: skip
SEED = 20261129


def row(what: str, view: View, cpu: float) -> None:
    """Print one line of the table; errors that a page showed end the run."""
    if view.errors:
        raise SystemExit(f"{what}: {view.errors[0]}")
    first = "" if view.first is None else f"{view.first:.2f}"
    kinds = ", ".join(f"{kind} {size / 1000:.0f}" for kind, size in view.bytes.most_common(3))
    print(f"| {what} | {first} | {view.seconds:.2f} | {cpu:.2f} | {view.total / 1000:.0f} | {kinds} |", flush=True)


async def timed(server: Server, what: str, visitor: Visitor, act: tuple[str, ...]) -> View:
    """Open a page (one word) or make a choice (two), and print what it took."""
    before = server.cpu
    view = await (visitor.open(*act) if len(act) == 1 else visitor.choose(*act))
    row(what, view, server.cpu - before)
    return view


async def views(server: Server) -> None:
    """The first view of each page since the start, the next visitor's, and every choice the first and second time."""
    print("| | first number, s | all, s | cpu, s | kB | of that |\n| --- | --- | --- | --- | --- | --- |")
    for what, page in PAGES.items():
        await timed(server, f"{what}, first since the start", Visitor(server.port), (page,))
        visitor = Visitor(server.port)
        await timed(server, f"{what}, next visitor", visitor, (page,))
        for again in ("", ", again"):
            for box, place in CHOICES.get(page, []):
                await timed(server, f"{box} {place}{again}", visitor, (box, visitor.boxes[box][1][place]))
        await visitor.close()


async def memory(server: Server, counts: Sequence[int]) -> None:
    """What the server holds with so many sessions, one in two on the Trust page and one on that of an area."""
    visitors: list[Visitor] = []
    told = []
    for count in counts:
        while len(visitors) < count:
            for page in ("results", "area"):
                visitors.append(Visitor(server.port))
                await visitors[-1].open(page)
        told.append(server.memory)
        print(f"{count} sessions: {server.memory:.0f} MB", flush=True)
    print(f"a session more: {(told[-1] - told[0]) / (counts[-1] - counts[0]):.2f} MB")
    for visitor in visitors:
        await visitor.close()


async def load(server: Server, count: int, think: float, seconds: float) -> None:
    """Sessions that choose something on the Trust page about every ``think`` seconds."""
    rng, taken, visitors = random.Random(SEED), [], [Visitor(server.port) for _ in range(count)]
    await asyncio.gather(*(visitor.open("results") for visitor in visitors))
    end, before = time.perf_counter() + seconds, server.cpu

    async def click(visitor: Visitor) -> None:
        await asyncio.sleep(rng.uniform(0, 2 * think))
        while time.perf_counter() < end:
            box = rng.choice(["Wave", "What", "Areas", "By"])
            taken.append((await visitor.choose(box, rng.choice(visitor.boxes[box][1]))).seconds)
            await asyncio.sleep(rng.uniform(0, 2 * think))

    await asyncio.gather(*(click(visitor) for visitor in visitors))
    cuts = quantiles(taken, n=20)
    print(f"{count} sessions, {len(taken)} choices: p50 {cuts[9]:.3f} s, p95 {cuts[18]:.3f} s, "
          f"{(server.cpu - before) / len(taken):.3f} s of processor each")  # fmt: skip
    for visitor in visitors:
        await visitor.close()


def main() -> None:
    """Start the app and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--only", choices=("views", "memory", "load"), action="append")
    parser.add_argument("--sessions", type=int, nargs="*", default=[20, 100])
    parser.add_argument(
        "--think", type=float, default=10.0, help="seconds between the choices of a session, on average"
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="how long sessions choose")
    parser.add_argument("--cold", action="store_true", help="do not wait until the app has made its pages ready")
    options = parser.parse_args()
    parts = options.only or ["views", "memory", "load"]
    for part in parts:
        server = Server(options.home)
        try:
            ready = (
                "" if options.cold else f", all is ready after {server.settle():.0f} s, {server.cpu:.0f} s of processor"
            )
            print(f"{part}: the app answers {server.started:.1f} s after its start{ready}", flush=True)
            if part == "views":
                asyncio.run(views(server))
            if part == "memory":
                asyncio.run(memory(server, (2, 10, 30)))
            if part == "load":
                for count in options.sessions:
                    asyncio.run(load(server, count, options.think, options.seconds))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
