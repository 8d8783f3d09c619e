"""Whether people who see, hear or point differently can use a page: axe-core's judgement of it."""

from pathlib import Path

from playwright.sync_api import Page

from videoshare.config import ROOT

AXE = Path(ROOT, "web/frontend/node_modules/axe-core/axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What depends on colours alone, for a page that was judged whole in others.
COLOURS = ["color-contrast", "link-in-text-block"]

_RUN = """async ([values, type]) => {
    const options = {runOnly: {type, values}, resultTypes: ["violations"], preload: false};
    const found = await axe.run(document, options);
    return found.violations.map(({id, nodes}) =>
        `${id}: ${nodes[0].target.join(" ")} (of ${nodes.length}): ${nodes[0].html.slice(0, 150)}`);
}"""


def violations(page: Page, *, colours_only: bool = False) -> list[str]:
    """Return what is wrong with a page as it stands: each rule, with the first who breaks it."""
    # Through the developer's door, which our content security policy does not guard.
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    rules = (COLOURS, "rule") if colours_only else (RULES, "tag")
    found: list[str] = page.evaluate(_RUN, list(rules))
    return found


def check(page: Page) -> None:
    """Assert that nothing is wrong with a page as it stands."""
    assert violations(page) == []
