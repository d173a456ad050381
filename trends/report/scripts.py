"""JavaScript of the page: Vega once, and what draws with it when a chart is seen."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

import vl_convert

from trends.report.charts import VEGA_LITE


@cache
def libraries() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script; the same bytes every time."""
    return _one_line_ends(
        vl_convert.javascript_bundle(
            "window.vegaEmbed = vegaEmbed;", vl_version=VEGA_LITE
        )
    )


@cache
def behaviour() -> str:
    """The page's own script."""
    return _one_line_ends(packaged("report.js"))


def packaged(name: str) -> str:
    """A text file that lies beside the templates."""
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


def allowed(scripts: tuple[str, ...]) -> str:
    """What a page may do, as a Content-Security-Policy: run these scripts, no more.

    Nothing is loaded, from nowhere; styles stand in the page. Vega evaluates no text:
    it is told to interpret its expressions.
    """
    hashes = " ".join(f"'sha256-{_sha256(one)}'" for one in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _one_line_ends(text: str) -> str:
    """A browser hashes a script with line feeds only, and ends it at its end tag."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")
