"""Every page for those who see little, use the keyboard, or hold a small screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from music_explorer.ui.menu import MENU
from tests.browser.conftest import running_app

ENTRIES = [entry for section in MENU.values() for entry in section]
SCHEMES = {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 21, 28)"}  # and their backgrounds
SCREENS = {"phone": (390, 844), "tablet": (820, 1180), "desk": (1280, 4000)}

# The title tells that the page was changed, the chart or the idle script that it is drawn.
DRAWN = """title => {
  const app = document.querySelector('[data-testid="stApp"]');
  const plots = [...document.querySelectorAll('.js-plotly-plot')];
  return document.title.startsWith(title + ' ')
    && document.querySelector('[data-testid="stMain"] h1')?.textContent === title
    && (app.getAttribute('data-test-script-state') === 'notRunning' || plots.length)
    && plots.every(p => p._fullLayout && p.querySelector('.main-svg'));
}"""
HAS_BACKGROUND = """colour => {
  const app = document.querySelector('[data-testid="stApp"]');
  return getComputedStyle(app).backgroundColor === colour;
}"""
# axe passes over the text of charts. Numbers on fields of a heatmap have Plotly's own contrast, and
# names on a ground of their own lie on that.
FAINT_CHART_TEXT = """background => {
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(v => {
      const c = v / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const found = new Set();
  for (const text of document.querySelectorAll('.js-plotly-plot .main-svg text')) {
    const own = text.closest('.annotation-text-g')?.querySelector('rect.bg');
    if (!text.textContent.trim() || text.closest('.hm') || own?.style.fillOpacity > 0) continue;
    const { fill } = getComputedStyle(text);
    const [low, high] = [light(fill), light(background)].sort((a, b) => a - b);
    if (high / low < 4.5) found.add(`${text.textContent} (${fill}, ${(high / low).toFixed(2)})`);
  }
  return [...found];
}"""
CUT_OFF = """() => {
  const main = document.querySelector('[data-testid="stMain"]');
  const found = [...document.querySelectorAll('[data-testid="stMetric"] *')]
    .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflow === 'hidden')
    .map(e => e.textContent);
  if (main.scrollWidth > main.clientWidth) found.push(`page is ${main.scrollWidth} wide`);
  return found;
}"""
# A page takes a moment to settle on another theme or size.
SETTLED = """async (argument) => {{
  const look = {look};
  for (let i = 0; i < 300 && look(argument).length; i++)
    await new Promise(resolve => setTimeout(resolve, 100));
  return look(argument);
}}"""
FOCUSED = "e => e === document.activeElement"
PLACE = """() => {
  const { x, y, width, height } = document.activeElement.getBoundingClientRect();
  return { x: Math.max(0, x - 12), y: Math.max(0, y - 12), width: width + 24, height: height + 24 };
}"""


@pytest.fixture(scope="module")
def app(small_store):
    """Return the address of one server for the pages of this file."""
    with running_app(small_store) as address:
        yield address


@pytest.fixture(scope="module", params=SCHEMES)
def theme(request):
    return request.param


# Each theme has a page of its own: Streamlit can undo a change of theme while a chart is drawn.
@pytest.fixture(scope="module")
def page(browser, app, theme):
    """Return a page in one theme; each test goes to its own place by the menu."""
    # So high that nothing is scrolled out of sight, where axe does not look.
    page = browser.new_page(color_scheme=theme, viewport={"width": 1280, "height": 4000})
    page.set_default_timeout(120_000)
    page.goto(app)
    page.wait_for_function(DRAWN, arg=ENTRIES[0].title)
    page.wait_for_function(HAS_BACKGROUND, arg=SCHEMES[theme])
    yield page
    page.close()


@pytest.fixture
def opened(page, request):
    """Return the page of a menu entry, drawn."""
    menu = page.get_by_test_id("stSidebar")
    menu.get_by_role("link", name=request.param.title, exact=True).click()
    page.wait_for_function(DRAWN, arg=request.param.title)
    return page


def serious(page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']} {node['html'][:200]}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def settled(page, look: str, argument: str | None = None) -> list[str]:
    return page.evaluate(SETTLED.format(look=look), argument)


@pytest.mark.parametrize("opened", ENTRIES, ids=lambda e: e.stem, indirect=True)
def test_a_page_is_accessible_in_its_theme_and_fits_small_screens(opened, theme):
    charts = settled(opened, FAINT_CHART_TEXT, SCHEMES[theme])
    faults = {"page": serious(opened), "charts": charts}
    for screen, (width, height) in SCREENS.items():
        opened.set_viewport_size({"width": width, "height": height})
        faults[screen] = settled(opened, CUT_OFF)
    assert {where: found for where, found in faults.items() if found} == {}


def test_the_keyboard_alone_reaches_menu_choices_and_page_and_shows_where_it_is(page):
    sidebar, main = page.get_by_test_id("stSidebar"), page.get_by_test_id("stMain")
    sidebar.get_by_role("link", name="Features", exact=True).click()
    page.wait_for_function(DRAWN, arg="Features")
    page.mouse.move(0, 0)
    wanted = {
        "menu": sidebar.get_by_role("link", name="Features", exact=True),
        "choices": sidebar.get_by_role("slider", name="Number of clusters k"),
        "page": main.get_by_role("combobox").first,
    }
    shown = {}
    for _ in range(80):
        page.keyboard.press("Tab")
        for name, place in wanted.items():
            if place.evaluate(FOCUSED):
                shown[name] = looks_focused(page)
        if len(shown) == len(wanted):
            break
    assert shown == dict.fromkeys(wanted, True)


def looks_focused(page) -> bool:
    """Tell whether the focus is visible: whether the place changes when the focus leaves it."""
    clip = page.evaluate(PLACE)
    focused = page.screenshot(clip=clip)
    page.evaluate("() => document.activeElement.blur()")
    page.wait_for_timeout(300)  # frames of focus fade
    return page.screenshot(clip=clip) != focused
