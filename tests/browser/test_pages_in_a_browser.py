import pytest

from tests.browser.conftest import DRAWN, IDLE, ROOT, open_url, running_app

# charts that each page draws; the overview has no address of its own
CHARTS = {
    "": 1,
    "store": 2,
    "features": 3,
    "choose_k": 1,
    "clusters": 1,
    "similar": 2,
    "genres": 1,
    "listen": 0,
    "boundaries": 3,
    "compare": 1,
    "study": 1,
    "runs": 0,
    "add": 0,
    "sql": 0,
}

# The crosstab has a row for each cluster.
FOUR_CLUSTERS = "() => document.querySelector('.js-plotly-plot')?._fullData?.[0].y?.length === 4"


def test_every_page_has_a_browser_test():
    stems = {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert stems - {"overview"} | {""} == set(CHARTS)


@pytest.mark.parametrize("stem", CHARTS)
def test_a_page_opens_by_its_own_address_on_a_fresh_server(browser, demo_store, small_store, stem):
    # The evidence of these takes a while on the demo.
    until = DRAWN if CHARTS[stem] else IDLE
    is_long = stem in ("study", "choose_k", "clusters", "genres", "boundaries")
    with running_app(small_store if is_long else demo_store) as address:
        page = open_url(browser, f"{address}/{stem}", CHARTS[stem], until=until)
        assert page.locator('[data-testid="stException"]').count() == 0
        assert page.locator('[data-testid="stAlertContentError"]').count() == 0
        drawn = page.evaluate(
            "() => [...document.querySelectorAll('.js-plotly-plot')].map(p => p._fullData.length)"
        )
        assert len(drawn) >= CHARTS[stem]
        assert all(drawn)
        assert page.locator('a[href*="clusters"]').count() >= 1, "the menu is drawn"
        page.close()


def test_choices_follow_the_visitor_and_their_link_opens_the_same_view(browser, small_store):
    with running_app(small_store) as address:
        page = open_url(browser, f"{address}/clusters?k=4&space=projection", 2, until=DRAWN)
        page.get_by_role("link", name="Clusters and genres").click()
        page.wait_for_url("**/genres**")
        page.wait_for_function(FOUR_CLUSTERS)
        assert "k=4" in page.url
        assert "space=projection" in page.url
        link = page.url
        page.close()
    with running_app(small_store) as fresh:
        page = open_url(browser, link.replace(address, fresh), 1, until=DRAWN)
        page.wait_for_function(FOUR_CLUSTERS)
        page.close()
