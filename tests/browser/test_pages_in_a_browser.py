import pytest

from tests.browser.conftest import ROOT, running_app

# charts that each page draws
CHARTS = {
    "": 2,
    "features": 3,
    "choose_k": 1,
    "clusters": 1,
    "genres": 1,
    "study": 1,
    "sql": 0,
}
IDLE = """charts => {
  const app = document.querySelector('[data-testid="stApp"]');
  if (!app || app.getAttribute('data-test-script-state') !== 'notRunning') return false;
  if (!document.querySelector('[data-testid="stMain"] h1')) return false;
  const plots = [...document.querySelectorAll('.js-plotly-plot')];
  return plots.length >= charts && plots.every(p => p._fullLayout && p.querySelector('.main-svg'));
}"""


def open_url(browser, url: str, charts: int, *, dark: bool = False):
    page = browser.new_page(color_scheme="dark" if dark else "light")
    page.set_default_timeout(240_000)
    page.goto(url)
    page.wait_for_function(IDLE, arg=charts)
    return page


def test_every_page_has_a_browser_test():
    stems = {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert stems - {"store"} | {""} == set(CHARTS)


@pytest.mark.parametrize("stem", CHARTS)
def test_a_page_opens_by_its_own_address_on_a_fresh_server(browser, demo_store, stem):
    with running_app(demo_store) as address:
        page = open_url(browser, f"{address}/{stem}", CHARTS[stem])
        assert page.locator('[data-testid="stException"]').count() == 0
        assert page.locator('[data-testid="stAlertContentError"]').count() == 0
        drawn = page.evaluate(
            "() => [...document.querySelectorAll('.js-plotly-plot')].map(p => p._fullData.length)"
        )
        assert len(drawn) >= CHARTS[stem]
        assert all(drawn)
        assert page.locator('a[href*="clusters"]').count() >= 1, "the menu is drawn"
        page.close()


def test_choices_follow_the_visitor_and_their_link_opens_the_same_view(browser, demo_store):
    with running_app(demo_store) as address:
        page = open_url(browser, f"{address}/clusters?k=4&space=projection", 1)
        page.get_by_role("link", name="Clusters and genres").click()
        page.wait_for_url("**/genres**")
        page.wait_for_function(IDLE, arg=1)
        assert "k=4" in page.url
        assert "space=projection" in page.url
        rows = page.evaluate(
            "() => document.querySelector('.js-plotly-plot')._fullData[0].y.length"
        )
        assert rows == 4
        link = page.url
        page.close()
    with running_app(demo_store) as fresh:
        page = open_url(browser, link.replace(address, fresh), 1)
        rows = page.evaluate(
            "() => document.querySelector('.js-plotly-plot')._fullData[0].y.length"
        )
        assert rows == 4
        page.close()
