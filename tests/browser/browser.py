"""A browser with what it said and fetched since a page was opened."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

WITHIN = ("data", "blob", "file", "about", "chrome", "devtools")
WIDTHS = (360, 800, 1600)
OVERFLOWING = """
const wide = document.documentElement.clientWidth;
return [document.documentElement.scrollWidth - wide, [...document.querySelectorAll("body *")]
    .filter(each => each.getBoundingClientRect().right > wide + 1)
    .slice(0, 5).map(each => each.outerHTML.slice(0, 120))];
"""


@dataclass
class Browser:
    """A browser, driven by Selenium."""

    driver: Any

    def open(self, address: str) -> None:
        """Open a page, and forget what came before it."""
        self.driver.get("about:blank")
        self.complaints()
        self.driver.get_log("performance")
        self.driver.get(address)

    def show(self, width: int, scheme: str) -> None:
        """Make the window so wide, with a light or dark scheme."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        wanted = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", wanted)

    def complaints(self) -> list[str]:
        """Return the errors on the console, each once."""
        return [each["message"] for each in self.driver.get_log("browser") if each["level"] == "SEVERE"]

    def outside(self, own: str = "") -> list[str]:
        """Return the addresses that were asked for outside of the page and its own server."""
        events = (json.loads(each["message"])["message"] for each in self.driver.get_log("performance"))
        asked = [
            each["params"]["request"]["url"]
            for each in events
            if each["method"] == "Network.requestWillBeSent"
        ]
        return [
            each for each in asked if urlsplit(each).scheme not in WITHIN and urlsplit(each).netloc != own
        ]

    def overflow(self) -> tuple[int, list[str]]:
        """Return by how many pixels the page is wider than the window, and what sticks out."""
        beyond, what = self.driver.execute_script(OVERFLOWING)
        return beyond, what

    def colours(self) -> tuple[str, str]:
        """Return the colours of the page and of its letters."""
        found = self.driver.execute_script(
            "const style = getComputedStyle(document.body); return [style.backgroundColor, style.color];"
        )
        return tuple(found)

    def picture(self, name: str) -> None:
        """Keep a picture of the page in the folder that SIGSTATS_SCREENSHOTS names, if it does."""
        folder = os.environ.get("SIGSTATS_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.driver.save_screenshot(str(Path(folder) / f"{name}.png"))
