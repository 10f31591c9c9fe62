"""A real browser for tests of pages: Debian's Chromium without a window, steered by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
QUIET += " --disable-component-update --disable-sync --disable-dev-shm-usage"

# What lies beyond the edge outside of a box that scrolls, and cells and headings whose content is wider than they are.
FAULTS = """() => {
  const edge = document.documentElement.clientWidth, faults = []
  for (const one of document.body.querySelectorAll("*")) {
    const box = one.getBoundingClientRect()
    const inside = one.parentElement.closest(".table, .scroll, .om-scroll, .om-nav, pre, svg")
    const told = `${one.tagName}.${one.className}: ${one.textContent.slice(0, 60)}`
    if (!box.width || one.closest("script, .om-sr")) continue
    if (box.right > edge + 1 && !inside) faults.push(`over the edge: ${told}`)
    if (one.matches("td, th, p, h1, h2, h3, span, dd, dt, section") && one.scrollWidth > one.clientWidth + 1
        && getComputedStyle(one).display !== "inline") faults.push(`cut off: ${told}`)
  }
  return faults
}"""

# The least contrast of any text with its background, as the Web Content Accessibility Guidelines count it.
CONTRAST = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number)
  const light = (colour) => {
    const [red, green, blue] = numbers(colour).map((one) => one / 255)
      .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const behind = (one) => {
    const colour = getComputedStyle(one).backgroundColor
    return numbers(colour)[3] === 0 && one.parentElement ? behind(one.parentElement) : colour
  }
  const contrasts = []
  for (const one of document.querySelectorAll("p, td, th, h1, h2, h3, span, dt, dd, b, a, summary, text")) {
    if (!one.getBoundingClientRect().width) continue
    const style = getComputedStyle(one)
    const [a, b] = [light(one.matches("text") ? style.fill : style.color), light(behind(one))].sort((a, b) => b - a)
    contrasts.push((a + 0.05) / (b + 0.05))
  }
  return Math.min(...contrasts)
}"""


@contextmanager
def chromium() -> Iterator["Browser"]:
    """The browser, for as long as the context lasts; a test without one is skipped."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs a Chromium; on Debian: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=QUIET.split())
        yield started
        started.close()
