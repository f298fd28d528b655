/** An element with text or other elements in it. Text is text: nothing here reads markup. */
export function element(name, attributes = {}, content = []) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...(Array.isArray(content) ? content : [String(content)]));
  return node;
}

/**
 * Makes the children of `list` those of `items`, in their order. The child of an item stays the same
 * element from one time to the next, and so keeps the focus; that of an item which is gone hands the
 * focus to its neighbour.
 */
export function keyed(list, items, create, update) {
  const children = new Map([...list.children].map(child => [child.dataset.key, child]));
  const keys = new Set(items.map(({ id }) => id));
  for (const [key, child] of children) if (!keys.has(key)) remove(child);
  let place = list.firstElementChild;
  for (const item of items) {
    const child = children.get(item.id) ?? create(item);
    child.dataset.key = item.id;
    if (child === place) place = place.nextElementSibling;
    else list.insertBefore(child, place);
    update(child, item);
  }
}

function remove(child) {
  const hasFocus = child.contains(document.activeElement);
  const neighbour = child.nextElementSibling ?? child.previousElementSibling;
  child.remove();
  if (hasFocus) neighbour?.querySelector('button')?.focus();
}

/** Marks the button of what is shown, for eyes and for screen readers. */
export function markCurrent(button, isCurrent) {
  if (isCurrent) button.setAttribute('aria-current', 'true');
  else button.removeAttribute('aria-current');
}

const STEPS = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };

/** One stop of the tab key for all buttons of a list; arrow keys, Home and End move between them. */
export function moveByArrows(list) {
  const buttons = () => [...list.querySelectorAll('button')];
  const stopAt = stop => {
    for (const button of buttons()) button.tabIndex = button === stop ? 0 : -1;
  };
  list.addEventListener('focusin', ({ target }) => stopAt(target));
  list.addEventListener('keydown', event => {
    const all = buttons();
    const at = all.indexOf(document.activeElement);
    const to = { Home: 0, End: all.length - 1 }[event.key] ?? at + (STEPS[event.key] ?? NaN);
    if (!all[to]) return;
    event.preventDefault();
    all[to].focus();
  });
  /** To be called when buttons came or went. */
  return preferred => {
    const all = buttons();
    const focused = all.find(button => button === document.activeElement);
    stopAt(focused ?? all.find(button => button.ariaCurrent) ?? preferred(all));
  };
}
