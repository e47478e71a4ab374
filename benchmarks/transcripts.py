"""How long reading ten hours of a meeting takes in each layout, and lining two transcripts up. Run this file to see.

The conversation is invented: 100,000 words drawn from 4,000 by Zipf's law, twelve speakers, turns of 5 to 60 words.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

if __package__ is None:
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trustsurvey.model.transcript import Transcript, Turn
from trustsurvey.transcripts.align import align
from trustsurvey.transcripts.read import read_transcript
from trustsurvey.transcripts.render import WRITERS, held, render

SEED, KNOWN, SPEAKERS, HOURS = 20261129, 4_000, 12, 10
SHORTEST, LONGEST = 5, 60


def conversation(words: int) -> Transcript:
    """Turns of sentences that fill ten hours."""
    rng = np.random.default_rng(SEED)
    letters = np.array(list("abcdefghiklmnoprstuvw"))
    known = np.array(["".join(rng.choice(letters, rng.integers(2, 9))) for _ in range(KNOWN)])
    often = 1 / np.arange(1, KNOWN + 1)
    said = rng.choice(known, words, p=often / often.sum())
    turns: list[Turn] = []
    place, speaker, pace = 0, -1, HOURS * 3600 / words
    while place < words:
        speaker = (speaker + int(rng.integers(1, SPEAKERS))) % SPEAKERS
        end = min(place + int(rng.integers(SHORTEST, LONGEST + 1)), words)
        text = " ".join(said[place:end]).capitalize() + "."
        turns.append(Turn(text, f"Speaker {speaker + 1}", round(place * pace, 3), round(end * pace - 0.1, 3)))
        place = end
    return Transcript("meeting", "", tuple(turns))


def cut(transcript: Transcript) -> Transcript:
    """The same without speakers, in cues of ten words, as captions have them."""
    cues = []
    for turn in transcript.turns:
        words = turn.text.split()
        assert turn.start is not None
        assert turn.end is not None
        pace = (turn.end - turn.start) / len(words)
        for k in range(0, len(words), 10):
            part = words[k : k + 10]
            cues.append(Turn(" ".join(part), "", turn.start + k * pace, turn.start + (k + len(part)) * pace))
    return replace(transcript, turns=tuple(cues))


def spent() -> float:
    """Processor seconds of this process and of those that it waited for."""
    return sum(os.times()[:4])


def least(path: Path, repeat: int) -> tuple[float, Transcript]:
    """Processor seconds of the quickest of several readings."""
    times, found = [], None
    for _ in range(repeat):
        began = spent()
        found = read_transcript(path)
        times.append(spent() - began)
    assert found is not None
    return min(times), found


def main() -> None:
    """Print the time of each layout, and of an alignment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    whole = conversation(given.words)
    print(f"{given.words:,} words in {len(whole.turns):,} turns, least of {given.repeat}, processor seconds")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "meeting"
        for layout in WRITERS:
            if layout in ("court", "unnamed"):
                continue
            content = render(whole, layout)
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
            seconds, found = least(path, given.repeat)
            same = [replace(turn, line=0) for turn in found.turns] == held(whole.turns, layout)
            told = "same turns" if same else "NOT THE SAME TURNS"
            print(f"{layout:10s} {path.stat().st_size / 2**20:5.1f} MB  {seconds:5.2f} s  {told}", flush=True)
        text = str(render(cut(whole), "srt")).replace(">> ", "")
        path.write_text(text, encoding="utf-8")
        seconds, captions = least(path, given.repeat)
        print(
            f"captions without speakers, {len(cut(whole).turns):,} cues: {seconds:.2f} s, {len(captions.turns):,} turns"
        )
    began = spent()
    lined = align(captions, whole)
    print(f"lined up: {spent() - began:.2f} s, likeness {lined.likeness:.3f}, offset {lined.offset}")


if __name__ == "__main__":
    main()
