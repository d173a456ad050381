"""Colours and type of all charts, for light and for dark ground.

Marks have one colour for both: each stands out from white and from the dark ground by
3:1 or more (WCAG 1.4.11), and no two are alike to people who see no red or no green.
Text, axes and grounds differ and are in the configurations.
"""

from typing import Any, Final

BLUE: Final = "#0072b2"
VERMILION: Final = "#d55e00"
GREEN: Final = "#009e73"
PURPLE: Final = "#cc79a7"
GREY: Final = "#707070"
"""After Okabe and Ito, Color Universal Design (2008); without the hues that white
swallows."""

HEADLINE: Final = (BLUE, [1, 0], 3)
RUNGS: Final = (
    (GREEN, [7, 3], 1.5),
    (VERMILION, [7, 3, 2, 3], 1.5),
    (PURPLE, [3, 2], 1.5),
    (GREY, [1, 3], 2),
    (BLUE, [12, 4], 1.5),
)
"""Colour, dash and width of lines side by side, so that none alone tells them apart."""

FONT: Final = "Arial, 'Liberation Sans', Helvetica, sans-serif"

WHITE: Final = "#ffffff"
NIGHT: Final = "#14181d"


def _config(
    *, ground: str, ink: str, faint: str, line: str, box: str
) -> dict[str, Any]:
    return {
        "aria": False,  # the whole has words; Vega's for each mark are of field names
        "background": ground,
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": ink,
            "titleColor": ink,
            "domainColor": line,
            "tickColor": line,
            "gridColor": line,
            "gridOpacity": 0.6,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "labelSeparation": 8,
        },
        "legend": {
            "labelColor": ink,
            "titleColor": ink,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "orient": "top",
            "direction": "horizontal",
            "labelLimit": 320,
            "padding": 3,
            "symbolStrokeWidth": 2,
        },
        "title": {
            "color": ink,
            "subtitleColor": faint,
            "fontSize": 13,
            "subtitleFontSize": 11,
            "anchor": "start",
            "frame": "group",
            "offset": 10,
        },
        "style": {
            "ink": {"color": ink, "fontSize": 11},
            "strong": {"color": ink, "fontSize": 11, "fontWeight": "bold"},
            "faint": {"color": faint, "fontSize": 10},
            "now": {"color": faint, "strokeDash": [3, 3], "strokeWidth": 1},
            "median": {"color": ink, "stroke": ink, "filled": True},
            "bar": {"color": ink, "strokeOpacity": 0.7},
            "box": {"fill": box, "stroke": line, "color": box},
            "diagonal": {"color": faint, "strokeDash": [4, 3]},
        },
    }


LIGHT: Final = _config(
    ground=WHITE, ink="#1f2328", faint="#57606a", line="#c9d1d9", box="#f2f4f6"
)
DARK: Final = _config(
    ground=NIGHT, ink="#e6edf3", faint="#a3adb8", line="#3d444d", box="#20262d"
)
