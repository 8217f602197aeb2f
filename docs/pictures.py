"""Take the pictures of the README from the demo: ``python docs/pictures.py``, in a few minutes."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
sys.path.insert(0, str(ROOT))

from tests.browser.conftest import open_url, running_app  # noqa: E402 - found by the line above

_DETAILS = "(//*[@data-testid='stMain']//*[@data-testid='stExpander'])[1]"
_VERDICT = f"{_DETAILS}/preceding::*[@data-testid='stAlert'][1]"
# picture -> address of its page, and what stands at the top
PICTURES = {"overview": ("", "//h1"), "clusters": ("clusters", _VERDICT)}
_TO_THE_TOP = "shown => { shown.style.scrollMarginTop = '1rem'; shown.scrollIntoView(); }"
_SIZE = {"width": 1400, "height": 900}
_NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "__pycache__", "*.duckdb*", "tests", "docs")
_REDRAWN_MS = 3_000


def main() -> None:
    """Start a copy of the app, which has no store and so builds the demo, and take each picture."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        copy = Path(shutil.copytree(ROOT, Path(folder) / "app", ignore=_NOT_COPIED))
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        with running_app(None, root=copy) as address:
            for name, (page, top) in PICTURES.items():
                _take(browser, f"{address}/{page}", top, DOCS / f"{name}.png")
        browser.close()


def _take(browser: Browser, url: str, top: str, file: Path) -> None:
    page = open_url(browser, url, 1)
    page.set_viewport_size(_SIZE)
    page.locator(f"xpath={top}").evaluate(_TO_THE_TOP)
    page.wait_for_timeout(_REDRAWN_MS)
    page.screenshot(path=file)
    page.close()
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
