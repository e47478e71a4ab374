from __future__ import annotations

from streamlit.testing.v1 import AppTest


def test_what_is_waited_for_on_the_way_to_something_else_is_not_said_beside_it() -> None:
    def page() -> None:
        from unittest.mock import patch

        import streamlit as st

        from trustsurvey.ui.speech import made, waiting

        said = []
        with patch.object(st, "spinner", side_effect=lambda what, show_time: said.append(what) or patch.dict({})):
            for what in ("all", "again"):
                with waiting(what, "all"), waiting("part", "part", what):
                    pass
            with waiting("more"):
                pass
        st.session_state["said"], st.session_state["made"] = said, made("part", "all")

    test = AppTest.from_function(page).run()
    assert not test.exception
    # The second time the whole was made already, and a part of it is waited for alone.
    assert test.session_state["said"] == ["all", "part", "more"]
    assert test.session_state["made"]
