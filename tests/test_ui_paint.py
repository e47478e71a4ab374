from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from trustsurvey.ui import paint


def test_a_browser_is_given_time_after_the_number_less_where_it_has_more(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("OPENING", 3.0), ("TURNING", 2.0), ("CHOOSING", 1.0)):
        monkeypatch.setattr(paint, name, seconds)
    waited: list[float] = []

    def page() -> None:
        import streamlit as st

        from trustsurvey.ui.paint import show_first

        st.session_state["page"] = st.query_params["page"]
        show_first()

    monkeypatch.setattr(paint, "time", SimpleNamespace(sleep=waited.append))
    test = AppTest.from_function(page)
    for name in ("results", "results", "area", "area", "results"):
        test.query_params["page"] = name
        test.run()
        assert not test.exception
    assert waited == [3.0, 1.0, 2.0, 1.0, 2.0]
