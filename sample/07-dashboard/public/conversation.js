import { element, seconds } from './elements.js';

const SIDES = new Set(['assistant', 'user']);

export function showCall(call) {
  const find = id => document.getElementById(id);
  find('call-title').textContent = `${call.id} · ${seconds(call.duration)} · ${call.reason || '–'}`;
  find('summary').textContent = call.summary;
  find('recording').replaceChildren(...recording(call.recording));
  find('conversation').replaceChildren(...call.messages.map(message));
}

/** A role may be any text, and so is not taken for a class. */
function message({ role, content }) {
  return element('li', { class: SIDES.has(role) ? role : 'other' }, [
    element('span', { class: 'faint', dir: 'auto' }, role),
    element('p', { dir: 'auto' }, content),
  ]);
}

/** A link only where it leads to a page: `javascript:` is a URL, too. */
function recording(url) {
  if (!URL.canParse(url ?? '') || new URL(url).protocol !== 'https:') return [];
  return [element('a', { href: url, rel: 'noreferrer', target: '_blank' }, 'Recording')];
}
