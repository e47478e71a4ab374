"""A study on disk or on a server: what was imported, how it was weighted, who did what."""

from trustsurvey.store.collections import CollectionRecord
from trustsurvey.store.records import StoredWeighting, StudyRecord, TaskRecord, WaveRecord
from trustsurvey.store.repository import Store
from trustsurvey.store.voices import Body, CodebookRecord

__all__ = [
    "Body",
    "CodebookRecord",
    "CollectionRecord",
    "Store",
    "StoredWeighting",
    "StudyRecord",
    "TaskRecord",
    "WaveRecord",
]
