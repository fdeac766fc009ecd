"""Faults of a page's layout, found in the page itself."""

from __future__ import annotations

from playwright.sync_api import Page

#: The outermost elements that make the page wider than its window.
_TOO_WIDE = """
() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const beyond = [...document.querySelectorAll('body *')].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width > 1 && box.right > wide + 0.5;
  });
  return ['scrolls sideways', ...beyond.slice(0, 3).map((one) => one.outerHTML.slice(0, 160))];
}
"""

#: Labels of controls that are cut, and have no title that says the whole.
_CUT = """
() => [
  ...document.querySelectorAll(
    '[data-testid=date-picker] .mantine-Button-label, [data-testid=device-selector],' +
    '[data-testid=date-today] .mantine-Button-label, [data-testid=period-tabs] label, nav a'
  ),
].filter((one) => one.getClientRects().length > 0 && one.scrollWidth > one.clientWidth + 1)
  .filter((one) => getComputedStyle(one).textOverflow !== 'ellipsis' || !one.closest('[title]'))
  .map((one) => `${one.textContent || one.value} is cut`)
"""

#: Controls of the energy page that overlap or reach beyond the window.
_COLLIDING = """
() => {
  const wide = document.documentElement.clientWidth;
  const boxes = [
    'device-selector', 'date-prev', 'date-picker', 'date-next', 'period-tabs', 'date-today',
    'live-status',
  ].flatMap((id) => {
    const one = document.querySelector(`[data-testid=${id}]`);
    return one === null ? [] : [{ id, box: one.getBoundingClientRect() }];
  });
  const before = (a, b) => a.right <= b.left + 1 || a.bottom <= b.top + 1;
  return boxes.flatMap(({ id, box }, at) => [
    ...(box.left < 0 || box.right > wide ? [`${id} reaches beyond the window`] : []),
    ...boxes.slice(at + 1)
      .filter((one) => !before(box, one.box) && !before(one.box, box))
      .map((one) => `${id} and ${one.id} overlap`),
  ]);
}
"""

#: Labels of an axis that touch.
_TOUCHING = """
() => [...document.querySelectorAll('.recharts-xAxis')].flatMap((axis) => {
  const labels = [...axis.querySelectorAll('text')]
    .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }))
    .sort((a, b) => a.box.left - b.box.left);
  return labels.slice(1).flatMap(({ text, box }, at) =>
    box.left < labels[at].box.right ? [`${labels[at].text} touches ${text}`] : []);
})
"""

#: The size of text that a reader has chosen in the browser, twice the usual one.
_DOUBLE = "document.documentElement.style.fontSize = '200%'"


def faults_of(page: Page) -> list[str]:
    """Return the faults of the open page in its present size."""
    checks = (_TOO_WIDE, _CUT, _COLLIDING, _TOUCHING)
    return [fault for check in checks for fault in page.evaluate(check)]


def double_text(page: Page) -> None:
    """Show all text of the open page at 200 %."""
    page.evaluate(_DOUBLE)
