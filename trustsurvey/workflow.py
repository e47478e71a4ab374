"""The verbs chained over a store: what the command line and the pages both do."""

from __future__ import annotations

from collections.abc import Callable, Mapping as MappingType, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from trustsurvey.actions.record import add_new
from trustsurvey.analysis import Picture, picture
from trustsurvey.disclosure.cells import nesting_of, withheld_cells
from trustsurvey.doubles import refuse_doubles, standing
from trustsurvey.errors import Notice, SurveyError, some
from trustsurvey.harmonise import Guess, Harmonised, LastWave, harmonise, keyed_pseudonyms, propose
from trustsurvey.harmonise.former import as_today, correspondence, in_mapping, of_level, redrawn, speaks_of
from trustsurvey.harmonise.kept import keep
from trustsurvey.harmonise.rounds import only
from trustsurvey.mapping_file import mapping_from_yaml
from trustsurvey.model import AreaLevel, ColumnMap, Mapping, Margins, Study, Wave
from trustsurvey.readers.guard import Progress, read
from trustsurvey.readers.raw import Raw
from trustsurvey.readers.tables import read_table
from trustsurvey.scales.scoring import score
from trustsurvey.store import Store, TaskRecord, WaveRecord
from trustsurvey.store.repository import slug_of
from trustsurvey.study_file import StudyFile, WavePlan
from trustsurvey.voices.hearing import heard
from trustsurvey.voices.mentions import withheld_answers
from trustsurvey.weighing import weigh_wave
from trustsurvey.weighting.population import margins_from_table
from trustsurvey.weighting.weigh import restore


def read_margins(path: str | Path | Margins, name: str | None = None) -> Margins:
    """Population margins from a CSV or XLSX file with columns variable, category and count, or those that are given."""
    if isinstance(path, Margins):
        return path
    path = Path(path)
    return margins_from_table(read_table(path, name), name or path.name)


def read_mapping(path: str | Path | Mapping) -> Mapping:
    """A mapping file; SurveyError if it is absent or unsound. One that is read already is given back."""
    if isinstance(path, Mapping):
        return path
    path = Path(path)
    try:
        return mapping_from_yaml(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise SurveyError("map.absent", "The mapping file cannot be read", where=str(path)) from error


def prepare(
    store: Store,
    slug: str,
    raw: Raw,
    mapping: Mapping,
    name: str,
    start: date | None = None,
    end: date | None = None,
    told: Sequence[Notice] = (),
) -> Harmonised:
    """Harmonise a file for a study, under the study's own pseudonym key; ``told`` joins the notices of its report.

    A file of before the study's boundaries changed is read in the areas of today.
    """
    study = store.study(slug)
    for level in study.levels:
        if level.former and speaks_of(raw, mapping, level, of_level(level)):
            mapping, notices = in_mapping(raw, mapping, level, of_level(level))
            told = (*told, *notices)
    made = harmonise(
        raw,
        mapping,
        study.instrument,
        study.levels,
        name=name,
        pseudonymise=keyed_pseudonyms(store.pseudonym_key(slug)),
        start=start,
        end=end,
        probability=study.probability,
        last=last_wave(store, slug, raw.digest),
    )
    report = replace(made.wave.report, notices=(*made.wave.report.notices, *told))
    return replace(made, wave=replace(made.wave, report=report))


def save_import(
    store: Store, slug: str, wave: Wave, mapping: Mapping, raw: Raw, reason: str = "", task: int | None = None,
    progress: Progress | None = None,
) -> bool:  # fmt: skip
    """Save a wave and what may be kept of its file, without names; False if it is there, refused if elsewhere.

    ``progress`` is called with numbers from 0 to 1 while names are taken out; what it raises ends the work before
    anything is saved.
    """
    refuse_doubles(standing(store, slug, wave, mapping, raw), wave, raw.source)
    kept = kept_part(store, slug, raw, mapping)
    told = heard(wave, store.study(slug), store.pseudonym_key(slug), progress)
    return store.save_wave(slug, told, mapping, raw.source, raw.digest, kept=kept, task=task, reason=reason)


def kept_part(store: Store, slug: str, raw: Raw, mapping: Mapping) -> Raw:
    """What a study may keep of a file: nothing private, pseudonyms of its own instead of ids."""
    return keep(raw, mapping, keyed_pseudonyms(store.pseudonym_key(slug)))


def remap(
    store: Store, slug: str, name: str, mapping: Mapping, start: date | None = None, end: date | None = None,
    reason: str = "",
) -> tuple[Wave, bool]:  # fmt: skip
    """Run the kept file of a wave again under another mapping, as its new draft; whether anything changed.

    Days of fieldwork that are not given stay as they were.
    """
    record = wave_record(store, slug, name)
    raw = store.kept_file(slug, name)
    made = prepare(store, slug, raw, mapping, name, start or record.start, end or record.end)
    wave = made.settled()
    return wave, save_import(store, slug, wave, mapping, raw, reason)


def hand_over(store: Store, slug: str, raw: Raw, mapping: Mapping, question: str, wave: str = "") -> int:
    """Leave a file and its mapping so far to an analyst, with a question; the number of the task."""
    return store.add_task(slug, kept_part(store, slug, raw, mapping), mapping, question, wave)


def open_task(store: Store, slug: str, number: int) -> TaskRecord:
    """An open task; SurveyError ``store.no-task``."""
    found = {task.id: task for task in store.tasks(slug) if task.open}
    if number not in found:
        raise SurveyError("store.no-task", f"There is no open task {number}", where=slug,
                          expected=some(found) or "a task that somebody handed over")  # fmt: skip
    return found[number]


def wave_record(store: Store, slug: str, name: str) -> WaveRecord:
    """What the list of waves says of one; SurveyError ``store.no-wave``."""
    records = {record.name: record for record in store.waves(slug)}
    if name not in records:
        raise SurveyError("store.no-wave", f"There is no wave '{name}'", where=slug,
                          expected=some(records, 12) or "a wave that was imported")  # fmt: skip
    return records[name]


def with_former_areas(
    store: Store, slug: str, raw: Raw, mapping: Mapping, tables: MappingType[str, Path]
) -> tuple[Mapping, tuple[Notice, ...]]:
    """The mapping of a file that was made before boundaries changed; ``tables``: what areas became, by level."""
    levels = {level.key: level for level in store.study(slug).levels}
    told: tuple[Notice, ...] = ()
    for key, path in tables.items():
        if key not in levels:
            raise SurveyError("map.area-unknown", f"The study has no area level '{key}'", where=slug,
                              expected=some(levels) or "a study with areas")  # fmt: skip
        mapping, notices = in_mapping(raw, mapping, levels[key], correspondence(read_table(path), Path(path).name))
        told += notices
    return mapping, told


def change_areas(
    store: Store, slug: str, level: AreaLevel, became: Path, boundaries: str | None = None, name: str | None = None
) -> AreaLevel:
    """Put other areas into a level of a study; the table ``became`` (old, new, share) says what the former became.

    ``level``: as it is to be; ``name``: of the table, where its file is called otherwise.
    """
    old = next((other for other in store.study(slug).levels if other.key == level.key), None)
    if old is None:
        raise SurveyError("store.no-level", f"The study has no area level '{level.key}'", where=slug)
    table = correspondence(read_table(became, name), name or Path(became).name)
    changed = redrawn(old, level.areas, level.boundary_key, table)
    store.change_areas(slug, changed, boundaries)
    return changed


def last_wave(store: Store, slug: str, digest: str = "") -> LastWave | None:
    """The wave imported last, to be compared with the next; for a file that is there already the one before it."""
    waves = store.waves(slug)
    own = next((wave for wave in waves if wave.digest == digest), None)
    waves = [wave for wave in waves if own is None or wave.imported_at < own.imported_at]
    if not waves:
        return None
    found = max(waves, key=lambda wave: wave.imported_at)
    return LastWave(found.name, found.mapping, found.report)


def load_wave(store: Store, slug: str, name: str, released: bool = False) -> Wave:
    """A wave with its weights on and its scores made."""
    wave, weights = store.load_wave(slug, name, released)
    if weights is not None:
        wave = restore(wave, weights.weights, weights.margins, weights.settings)
    return score(as_today(wave, store.study(slug).levels))


def load_picture(
    store: Store, slug: str, name: str | None = None, released: bool = False, measure: str | None = None
) -> Picture:
    """The picture of a study at a wave, the newest by default."""
    waves, study = load_waves(store, slug, name, released)
    return picture(waves, len(waves) - 1, study, measure)


def load_waves(store: Store, slug: str, name: str | None = None, released: bool = False) -> tuple[list[Wave], Study]:
    """The waves of a study up to one of them, the newest by default, weighted and scored."""
    records = store.waves(slug, released_only=released)
    names = [record.name for record in records]
    if not names:
        raise SurveyError("store.no-wave", "The study has no waves yet", where=slug, hint="Import one first.")
    if name is not None and name not in names:
        raise SurveyError("store.no-wave", f"There is no wave '{name}'", where=slug, expected=some(names, 12))
    at = len(names) - 1 if name is None else names.index(name)
    return [load_wave(store, slug, wave, released) for wave in names[: at + 1]], store.study(slug)


def release_wave(store: Store, slug: str, name: str) -> None:
    """Show the newest state of a wave to viewers, and keep in mind what it does not show."""
    revision = next((record.revision for record in store.waves(slug) if record.name == name), None)
    wave, nesting = load_wave(store, slug, name), nesting_of(store.study(slug).levels)
    withheld = withheld_cells(wave, nesting) | withheld_answers(wave, nesting)
    store.release(slug, name, withheld=withheld, revision=revision)


@dataclass(frozen=True)
class Step:
    """One thing a run did or found done already."""

    wave: str
    what: str
    done: bool


def run_study(
    store: Store,
    plan: StudyFile,
    release: bool = True,
    tell: Callable[[Step], None] = lambda step: None,
    progress: Progress | None = None,
) -> str:
    """Bring a store to what a study file describes; gives back the study's slug.

    What is there already stays: a wave is imported when its file, mapping or dates are new, and
    weighted after each import. Run again next quarter with one wave more.
    """
    slug = plan.study.slug or slug_of(plan.study.name)
    present = {record.slug: record for record in store.studies()}
    if slug in present and present[slug].sample != plan.study.sample:
        raise SurveyError(
            "study.sample", "A sample study and a real one cannot share a name", where=slug,
            hint="Give one of them another name, so that invented answers never mix with real ones.",
        )  # fmt: skip
    if slug not in present:
        margins = read_margins(plan.margins) if plan.margins else None
        store.create_study(replace(plan.study, slug=slug), plan.boundaries, margins)
        tell(Step("", f"study '{slug}' created", True))
    for number, wave in enumerate(plan.waves):
        _run_wave(store, slug, wave, release, tell)
        if progress is not None:
            progress((number + 1) / len(plan.waves))
    if plan.actions:
        many = len(add_new(store, slug, plan.actions))
        tell(Step("", f"{many:,} of {len(plan.actions):,} actions written down", many > 0))
    return slug


def _run_wave(store: Store, slug: str, plan: WavePlan, release: bool, tell: Callable[[Step], None]) -> None:
    raw = read(plan.file)
    if plan.only is not None:
        raw = only(raw, *plan.only)
    study = store.study(slug)
    if plan.mapping is not None:
        mapping = read_mapping(plan.mapping)
    else:
        mapping, _ = propose_for(store, slug, raw)
    mapping, told = with_former_areas(store, slug, raw, mapping, plan.became)
    wave = prepare(store, slug, raw, mapping, plan.name, plan.start, plan.end, told).settled()
    new = save_import(store, slug, wave, mapping, raw, reason="repeated from a study file")
    tell(Step(plan.name, f"{len(wave):,} of {raw.rows:,} rows of {raw.source}", new))
    record = next(record for record in store.waves(slug) if record.name == plan.name)
    margins = read_margins(plan.margins) if plan.margins else store.margins(study.slug)
    if margins is not None and not record.weighted:
        weigh_wave(store, slug, plan.name, margins, reason="repeated from a study file", **plan.weighting)
        tell(Step(plan.name, f"raked to {some(margins.variables)}", True))
    if release and not next(r for r in store.waves(slug) if r.name == plan.name).released:
        release_wave(store, slug, plan.name)


def propose_for(store: Store, slug: str, raw: Raw) -> tuple[Mapping, tuple[Guess, ...]]:
    """A mapping for a file, from the study's last one and the file itself, with the reason for each guess."""
    study, margins = store.study(slug), store.margins(slug)
    areas = {level.key for level in study.levels}
    counted = [margin for margin in margins or () if not margin.of_number]
    known = {margin.variable: list(margin.targets.index) for margin in counted if margin.variable not in areas}
    last = last_wave(store, slug, raw.digest)
    previous, report = (last.mapping, last.report) if last else (None, None)
    # Files of before the boundaries changed are known by their areas as well.
    levels = [
        replace(level, areas=(*level.areas, *((old, "") for old, _, _ in level.former))) for level in study.levels
    ]
    mapping, guesses = propose(raw, study.instrument, levels, previous, known, report)
    own = next((wave.mapping for wave in store.waves(slug) if wave.digest == raw.digest), None)
    return (mapping, guesses) if own is None else decided(own, guesses, "as when it was imported")


def decided(
    mapping: Mapping, guesses: Sequence[Guess], why: str, doubts: bool = False
) -> tuple[Mapping, tuple[Guess, ...]]:
    """A mapping that was made for this very file, with a guess for each of its columns.

    ``doubts``: guesses that were unsure, and were left as they were, are unsure still.
    """
    entries = {column.column: column for column in mapping.columns}
    held = []
    for guess in guesses:
        entry = entries.pop(guess.column.column, ColumnMap(guess.column.column, "ignore"))
        left = (entry.role, entry.target) == (guess.column.role, guess.column.target)
        held.append(Guess(entry, guess.why, guess.sure) if doubts and left else Guess(entry, why, True))
    # Columns that may tell who answered are in the mapping, though no longer in a file that was kept.
    return replace(mapping, columns=(*(guess.column for guess in held), *entries.values())), tuple(held)
