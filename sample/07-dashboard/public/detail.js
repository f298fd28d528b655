import { element } from './elements.js';
import { length, spelt, when } from './words.js';

const SIDES = new Set(['assistant', 'user']);
/** Beside the list there is room for a call; below this, it is shown above all else. */
const WIDE = matchMedia('(min-width: 48rem)');

/** What is known of one call. On a small screen it is a modal dialog, which gives the focus back. */
export function makeDetail(dialog) {
  const find = id => document.getElementById(id);
  let opener;

  function place() {
    if (dialog.open) dialog.close();
    dialog.open = WIDE.matches;
  }
  WIDE.addEventListener('change', place);
  place();
  find('close').addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => opener?.focus());

  /** @param by The button that asked for it; none where the call was only updated. */
  return (call, by) => {
    find('call-title').textContent = `${call.agent}, ${when(call.endedAt)}`;
    find('call').replaceChildren(...contents(call));
    if (!by) return;
    opener = by;
    find('call').scrollTop = 0;
    if (WIDE.matches) dialog.scrollIntoView({ block: 'nearest' });
    else if (!dialog.open) dialog.showModal();
  };
}

function contents(call) {
  return [
    element(
      'p',
      { id: 'summary', dir: 'auto' },
      call.summary || 'The summary is not finished yet.',
    ),
    facts([
      ['Started', when(call.startedAt)],
      ['Ended', when(call.endedAt)],
      ['Duration', length(call.duration)],
      ['Ended by', call.reason ? spelt(call.reason) : '–'],
      ['User', call.user || '–'],
      ['Call', call.id],
      ...recording(call.recording),
    ]),
    ...variables(call.variables),
    element('h3', {}, 'Conversation'),
    call.messages.length > 0
      ? element('ol', { id: 'conversation' }, call.messages.map(message))
      : element('p', { class: 'faint' }, 'Nothing was said.'),
  ];
}

const facts = pairs =>
  element(
    'dl',
    {},
    pairs.map(([term, value]) =>
      element('div', {}, [
        element('dt', {}, term),
        element('dd', { dir: 'auto' }, value instanceof Node ? [value] : value),
      ]),
    ),
  );

function variables(found) {
  if (found.length === 0) return [];
  return [element('h3', {}, 'Variables'), facts(found.map(({ name, value }) => [name, value]))];
}

/** A role may be any text, and so is not taken for a class. */
const message = ({ role, content }) =>
  element('li', { class: SIDES.has(role) ? role : 'other' }, [
    element('span', { class: 'faint', dir: 'auto' }, role),
    element('p', { dir: 'auto' }, content),
  ]);

/** A link only where it leads to a page: `javascript:` is a URL, too. */
function recording(url) {
  if (!URL.canParse(url ?? '') || new URL(url).protocol !== 'https:') return [];
  const attributes = { href: url, rel: 'noreferrer', target: '_blank' };
  return [['Recording', element('a', attributes, 'Listen')]];
}
