"""Names from files are text: none of them runs, loads, links or formats anything."""

import re

import pytest

from tests.browser.conftest import IDLE, open_url, running_app
from tests.hostile import MARK, hostile_store

MARKED = """() => ({
  ran: window.hostile === true,
  wrong: [...document.querySelectorAll('img, a, strong, em, s, del, .katex, tspan')]
    .filter(e => (e.getAttribute('src') || e.getAttribute('href') ||
                  e.getAttribute('xlink:href') || '').includes('hostile.example')
              || (e.matches('strong, em, s, del, .katex') && e.textContent.trim() === 'MARK'))
    .map(e => e.outerHTML.slice(0, 200)),
  icons: document.querySelectorAll('[aria-label="bomb icon"]').length,
  coloured: [...document.querySelectorAll('.stMarkdown span[class*="stMarkdownColored"]')]
    .filter(e => e.textContent.includes('MARK')).length,
  bold: [...document.querySelectorAll('.js-plotly-plot text, .js-plotly-plot tspan')]
    .filter(e => /MARK/.test(e.textContent) && /bold/.test(e.getAttribute('style') || ''))
    .map(e => e.outerHTML.slice(0, 200)),
})""".replace("MARK", MARK)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    store = hostile_store(tmp_path_factory.mktemp("hostile") / "hostile.duckdb")
    with running_app(store) as running:
        yield running


@pytest.mark.parametrize(
    ("page", "charts"),
    [
        ("", 1),
        ("clusters?colour=genre", 1),
        ("genres", 1),
        ("boundaries", 1),
        ("similar", 0),
        ("store", 1),
        ("sql?sel=label:genre:" + "%3Cimg%20src%3Dx%20onerror%3D%22window.hostile%3Dtrue%22%3E", 0),
        ("runs?sel=search:MARK", 0),
        ("listen", 0),
    ],
)
def test_a_page_shows_names_as_they_are(browser, address, page, charts):
    context = browser.new_context()
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    opened = open_url(context, f"{address}/{page}", charts, until=IDLE)
    found = opened.evaluate(MARKED)
    said = opened.locator('.stMarkdown, [data-testid="stText"], .js-plotly-plot')
    shown = "".join(said.all_text_contents())
    context.close()
    assert found == {"ran": False, "wrong": [], "icons": 0, "coloured": 0, "bold": []}
    assert [url for url in asked if "hostile.example" in url or "passwd" in url] == []
    assert not re.search("[\u202a-\u202e]", shown)
