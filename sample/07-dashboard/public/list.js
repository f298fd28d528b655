import { element, keyed, markCurrent, moveByArrows } from './elements.js';
import { length, when } from './words.js';

/** The calls, newest first. */
export function makeList(list, choose) {
  const keepStop = moveByArrows(list);
  let last;

  function create(call) {
    const button = element('button', { type: 'button', tabindex: -1 }, [
      element('span', { class: 'agent', dir: 'auto' }),
      element('span', { class: 'faint when' }),
      element('span', { class: 'gist', dir: 'auto' }),
      element('span', { class: 'length' }),
    ]);
    button.addEventListener('click', () => choose(call.id, button));
    return element('li', {}, [button]);
  }

  return (calls, chosen) => {
    keyed(list, [...calls].reverse(), create, (item, call) => {
      const button = item.firstElementChild;
      const { agent, summary, duration, endedAt } = call;
      const texts = [agent, when(endedAt), summary || 'No summary yet', length(duration)];
      texts.forEach((text, index) => (button.children[index].textContent = text));
      markCurrent(button, call.id === chosen);
    });
    keepStop(buttons => buttons[0]);
    if (chosen === last) return;
    last = chosen;
    scrollTo(list, list.querySelector('[aria-current]'));
  };
}

/** Brings a child of a list in sight, without moving the page. */
function scrollTo(list, child) {
  if (!child) return;
  const [frame, shown] = [list.getBoundingClientRect(), child.getBoundingClientRect()];
  if (shown.top < frame.top) list.scrollTop += shown.top - frame.top;
  if (shown.bottom > frame.bottom) list.scrollTop += shown.bottom - frame.bottom;
}
