"""A Plotly figure before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


class Sketch:
    """Collects the parts of a figure, with the names that Plotly's own has for it, and makes it at once.

    Plotly checks all annotations of a figure anew with each that is added: for twenty candidates that takes
    longer than everything else on their page.
    """

    def __init__(self) -> None:
        self._traces: list[dict[str, object]] = []
        self._annotations: list[dict[str, object]] = []
        self._layout: dict[str, object] = {}

    def add_scatter(self, **trace: object) -> None:
        """Add points or lines."""
        self._traces.append({"type": "scatter", **trace})

    def add_bar(self, **trace: object) -> None:
        """Add bars."""
        self._traces.append({"type": "bar", **trace})

    def add_annotation(self, **annotation: object) -> None:
        """Add a text."""
        self._annotations.append(annotation)

    def update_layout(self, **layout: object) -> None:
        """Lay out; what is told again replaces what was told before."""
        self._layout |= layout

    def made(self) -> Figure:
        """The figure."""
        import plotly.graph_objects as go

        return go.Figure(data=self._traces, layout={**self._layout, "annotations": self._annotations})
