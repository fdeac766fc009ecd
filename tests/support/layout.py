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
() => [...document.querySelectorAll('[data-axis=time]')].flatMap((axis) => {
  const labels = [...axis.querySelectorAll('text')]
    .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }))
    .sort((a, b) => a.box.left - b.box.left);
  return labels.slice(1).flatMap(({ text, box }, at) =>
    box.left < labels[at].box.right ? [`${labels[at].text} touches ${text}`] : []);
})
"""

#: Words of usual length that are broken inside, without a hyphen. Codes and addresses may be.
_BROKEN_WORDS = """
() => {
  const WORD = /(?<![^\\s(„“"])\\p{L}{2,13}(?![^\\s,.;:)!?”"])/gu;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const broken = [];
  while (walker.nextNode()) {
    const { data, parentElement: parent } = walker.currentNode;
    if (parent.closest('svg, pre, code, script, style, textarea') !== null) continue;
    if (!parent.checkVisibility()) continue;
    for (const { 0: word, index } of data.matchAll(WORD)) {
      range.setStart(walker.currentNode, index);
      range.setEnd(walker.currentNode, index + word.length);
      const tops = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (tops.size > 1) broken.push(`${word} is broken inside`);
    }
  }
  return broken.slice(0, 3);
}
"""

#: Controls of an open dialog, menu or list that reach beyond it, or that scrolling does not bring
#: into the window.
_OUT_OF_REACH = """
() => {
  const wide = document.documentElement.clientWidth;
  const high = document.documentElement.clientHeight;
  const open = [...document.querySelectorAll('[role=dialog], [role=menu], [role=listbox]')];
  return open.filter((one) => one.checkVisibility()).flatMap((one) => {
    const outer = one.getBoundingClientRect();
    const name = one.getAttribute('role');
    const beyond = outer.left < -1 || outer.right > wide + 1;
    const faults = beyond ? [`${name} reaches beyond the window`] : [];
    const kinds = 'button, a, input, textarea, [role=menuitem], [role=option]';
    for (const control of one.querySelectorAll(kinds)) {
      if (!control.checkVisibility({ visibilityProperty: true })) continue;
      if (control.getBoundingClientRect().width <= 1 || control.type === 'file') continue;
      control.scrollIntoView({ block: 'nearest' });
      const box = control.getBoundingClientRect();
      const text = (control.ariaLabel || control.textContent || control.name).slice(0, 40);
      if (box.left < outer.left - 1 || box.right > outer.right + 1)
        faults.push(`${text} reaches beyond its ${name}`);
      // A field may be higher than a low window; its end is then reached by scrolling on.
      if (box.top < -1 || (box.bottom > high + 1 && box.height < high))
        faults.push(`${text} is out of reach in its ${name}`);
    }
    return faults;
  });
}
"""

#: Text that has not grown with the size that the reader has chosen: the smallest usual one has
#: 11 px.
_NOT_GROWN = """
() => {
  if (parseFloat(getComputedStyle(document.documentElement).fontSize) < 32) return [];
  const small = [...document.querySelectorAll('body *')].filter((one) =>
    [...one.childNodes].some((child) => child.nodeType === 3 && child.data.trim() !== '') &&
    one.checkVisibility() && parseFloat(getComputedStyle(one).fontSize) < 20);
  return small.slice(0, 3).map((one) => `${one.textContent.slice(0, 40)} has not grown`);
}
"""


_CHECKS = (_TOO_WIDE, _CUT, _COLLIDING, _TOUCHING, _OUT_OF_REACH, _NOT_GROWN)

#: All of them at once: each call into the browser takes longer than a check.
_FAULTS = f"() => [{', '.join(f'...({check.strip()})()' for check in _CHECKS)}]"


def faults_of(page: Page) -> list[str]:
    """Return the faults of the open page in its present size."""
    return list(page.evaluate(_FAULTS))


def broken_words(page: Page) -> list[str]:
    """Return the words of usual length that a line break has broken."""
    return list(page.evaluate(_BROKEN_WORDS))


def set_text_size(page: Page, percent: int) -> None:
    """Set the browser's size of text, as its settings do, for pages that are opened from now on."""
    cdp = page.context.new_cdp_session(page)
    sizes = {"standard": 16 * percent // 100, "fixed": 13 * percent // 100}
    cdp.send("Page.setFontSizes", {"fontSizes": sizes})


def enlarge_text(page: Page, percent: int) -> None:
    """Set the browser's size of text, and open the page again."""
    set_text_size(page, percent)
    page.reload()
