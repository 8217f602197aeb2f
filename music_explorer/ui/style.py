"""Style rules for what the options of a theme do not reach."""

STYLE = """<style>
/* White on the primary colour, which has to be light on a dark background, is too faint. */
[data-testid="stBaseButton-primary"], [data-testid="stBaseButton-primaryFormSubmit"]
{ color: light-dark(white, black); }
/* So is the grey that charts have for their text in the light theme. */
.js-plotly-plot text[style*="fill: rgb(128, 132, 149)"] { fill: rgb(92, 96, 112) !important; }
/* So is what Plotly writes on the lighter fields of a heatmap. */
.js-plotly-plot .hm text[style*="fill: rgb(68, 68, 68)"] { fill: black !important; }
/* A page in the menu shows no focus of its own beside the mark of the current page. */
[data-testid="stPageLink-NavLink"]:focus-visible { outline: 2px solid; outline-offset: -2px; }
</style>"""
