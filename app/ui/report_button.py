"""The button that downloads the report of an experiment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from app import __version__
from app.domain import Examined, Measures, PayOff, Used, Verdict
from app.ui.report import report_html, report_name
from app.ui.report_data import Report
from app.ui.result_look import Look


@dataclass(frozen=True)
class ReportActions:
    """``used`` reads what an experiment used, by its id, ``measures`` sums up its scores.

    ``pay_off`` tells when one's own machine pays off, from an experiment and its candidates' names.
    """

    used: Callable[[str], Used]
    pay_off: Callable[[Examined, Mapping[str, str]], PayOff]
    measures: Callable[[str], Measures]


def draw_report(
    examined: Examined,
    verdict: Verdict,
    look: Look,
    actions: ReportActions,
) -> None:
    """The button; the report is made when it is pressed."""

    def made() -> str:
        name, now = examined.experiment.id, datetime.now(UTC)
        more = actions.pay_off(examined, look.names), actions.measures(name)
        return report_html(Report(examined, verdict, look, actions.used(name), __version__, now, *more))

    st.download_button(
        "Download the report",
        made,
        file_name=report_name(examined.experiment.name),
        mime="text/html",
        key="report-download",
        icon=":material/article:",
        help="One page for others, which needs neither network nor Assay; a browser prints it on two pages.",
        on_click="ignore",
    )
