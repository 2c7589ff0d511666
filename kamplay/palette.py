"""Every colour of the charts, the page and the workbooks, by name."""

# the brand's colour where an engagement names none
ACCENT = "#1F5A7A"
# the other end of a scale whose one end is the brand's colour: warm, or cool where the brand is warm itself
WARM, COOL = "#B9771E", "#3F6E93"

# text, from strong to quiet
INK = "#22303C"
SLATE = "#52616E"
QUIET = "#6B7884"

# marks and lines without a meaning of their own, from dark to pale
GREY = "#AEB9C2"
PALE = "#C3CCD4"
RULE = "#D5DBE0"
HAIRLINE = "#E3E8EC"

# grounds
FILL = "#E8EDF1"
SURFACE = "#F4F6F8"
WHITE = "#FFFFFF"
GROUND = "#FEFEFE"  # of a chart: the page's own, also a dark one

# health bands, severities, risk: the colour, and a ground for cells of a workbook
GOOD, WARN, BAD = "#3C8C5A", "#D9A21B", "#C2452D"
GOOD_FILL, WARN_FILL, BAD_FILL = "#DDEFE3", "#FBF0D0", "#F6DDD8"
# risk on the portfolio map: dark is dangerous, told apart in grey and by the colour-blind, too
RISK_COLOURS = {
    "low": "#B9CFDC",
    "medium": "#E0A030",
    "high": "#A3261B",
    "stopped": "#5B5F66",
    "once": "#D3D6DA",
}
# a ground for the second highest tier in cells of a workbook, and the tabs of its sheets by step
PALE_FILL = "#E3EEF5"
TAB_TIERS, TAB_VALUE, TAB_HEALTH, TAB_PLAN = "#B9CFDC", "#D9C79B", "#E3B7AC", "#B7D3C0"
# grounds of findings on the page
WARN_TINT, BAD_TINT = "#FDFAF1", "#FDF6F4"

# lines that differ only in whose they are
SERIES = (GREY, "#6E93AE", "#B39B7D", "#8C86B0")
