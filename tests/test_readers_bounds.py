"""What a reading process may take: limits are kept, and a mapped table does not count as memory that is held."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import ROOT

from trustsurvey.readers import worker
from trustsurvey.readers.arrow_file import ROW, schema_of, writer
from trustsurvey.readers.bounds import limit, make_room

resource = pytest.importorskip("resource", reason="this system does not limit processes")


def test_limits_that_are_lower_already_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    set_: dict[int, tuple[int, int]] = {}
    lower = {resource.RLIMIT_AS: 1 << 30, resource.RLIMIT_CPU: resource.RLIM_INFINITY, resource.RLIMIT_CORE: 0}

    def setrlimit(kind: int, bound: tuple[int, int]) -> None:
        if kind == resource.RLIMIT_CORE:
            raise ValueError("not on this system")
        set_[kind] = bound

    monkeypatch.setattr(resource, "getrlimit", lambda kind: (lower[kind], lower[kind]))
    monkeypatch.setattr(resource, "setrlimit", setrlimit)
    limit(worker.MEMORY, worker.SECONDS)
    assert set_ == {
        resource.RLIMIT_AS: (1 << 30, 1 << 30),
        resource.RLIMIT_CPU: (worker.SECONDS, worker.SECONDS),
    }


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not tell what a process has taken")
def test_a_table_larger_than_what_may_be_held_is_looked_at(tmp_path: Path) -> None:
    """Rows come and go while a file is read; the table that they become is mapped as a whole."""
    table, rows = tmp_path / "table.arrow", pa.array(["x" * (1 << 20)] * 20)
    with writer(table, schema_of(1)) as file:
        for k in range(25):
            file.write_table(pa.table({ROW: pa.arange(20 * k, 20 * k + 20), "c0": rows}, schema=schema_of(1)))
    assert table.stat().st_size > 500 << 20
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from trustsurvey.readers import arrow_file, bounds, writing\n"
        "taken = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()\n"
        "bounds.limit(taken + (200 << 20), 60)\n"
        "path = Path(sys.argv[1])\n"
        "try:\n    arrow_file.mapped(path)\n"
        "except OSError:\n    print('too large')\n"
        "print(writing.Cells(path).first(0).total())\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, str(table)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.stdout.split("\n")[:2] == ["too large", "500"], told.stderr


def test_no_limit_needs_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", lambda *of: pytest.fail("there is nothing to widen"))
    make_room(1 << 30)
