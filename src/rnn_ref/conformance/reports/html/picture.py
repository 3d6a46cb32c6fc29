"""The map of errors over time and unit as SVG: the more ink, the worse, and a letter says so in print."""

from collections.abc import Iterator

from ...judge.error_map import SHADES, ErrorMap, shade
from ...spec import shown
from .elements import element, escaped, marked

CELL, ROW, LEFT, TOP = 13, 17, 42, 26  # pixels
OPACITY = (0.06, 0.3, 0.6, 0.95)  # of the ink, for each of the SHADES
KEY = "A dot is right; x, X and # are wrong by up to 1e3, up to 1e9, and more times what is allowed."
DARK = 0.5  # from which on a letter is written in the colour of the paper, or a grey seen on any


def picture(found: ErrorMap) -> str:
    """Return a figure: a column for each step, a row for each unit, a shade for how far off the entry is."""
    steps, units = len(found.ratios), len(found.ratios[0])
    width, height = LEFT + CELL * steps + 6, TOP + ROW * units + 6
    where = "" if found.batch_row is None else f", batch row {found.batch_row}"
    title = f"{found.check}: {shown(found.check, found.output)}{where}, error over time and unit"
    svg = element(
        "svg",
        element("title", escaped(title)),
        element("desc", escaped(KEY)),
        *_axes(steps, units),
        *(_cell(t, unit, ratio) for t, row in enumerate(found.ratios) for unit, ratio in enumerate(row)),
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        font_family="ui-monospace, monospace",
        font_size=11,
        fill="currentColor",
    )
    drawn = element("div", svg, class_="wide", tabindex="0", role="region", aria_label="error over time and unit")
    told = f"{title}. The stronger the shade, the worse; a dot is right."
    return element("figure", drawn, element("figcaption", marked(told)))


def _axes(steps: int, units: int) -> Iterator[str]:
    yield _label("step t", 0, TOP - 10)
    yield _label("unit", 0, TOP + ROW / 2 + 4)
    for t in range(0, steps, 5 if steps > 8 else 1):
        yield _label(str(t), LEFT + CELL * (t + 0.5), TOP - 10, text_anchor="middle")
    for unit in range(units):
        yield _label(str(unit), LEFT - 5, TOP + ROW * (unit + 0.5) + 4, text_anchor="end")


def _label(text: str, x: float, y: float, **attributes: object) -> str:
    return element("text", escaped(text), x=f"{x:g}", y=f"{y:g}", **attributes)


def _cell(t: int, unit: int, ratio: float) -> str:
    index = shade(ratio)
    x, y = LEFT + CELL * t, TOP + ROW * unit
    box = element("rect", x=x, y=y, width=CELL - 1, height=ROW - 1, fill_opacity=OPACITY[index])
    paper = {"style": "fill: var(--paper, #8a8a8a)"} if OPACITY[index] > DARK else {}
    return box + _label(SHADES[index][1], x + (CELL - 1) / 2, y + 12, text_anchor="middle", **paper)
