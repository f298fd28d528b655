import { element, keyed, markCurrent, moveByArrows } from './elements.js';
import { length, lengthOf, when } from './words.js';

/** Ends of the scale, in seconds, so that half of one is a length that people use. */
const ENDS = [20, 60, 120, 240, 360, 600, 1_200, 3_600, 7_200];
/** From the right, in pixels: who looks at the newest bars stays with them. */
const NEAR_END = 60;

/** A bar for each call, oldest first, on a scale from nothing to more than the longest. */
export function makeChart(list, scale, choose) {
  const keepStop = moveByArrows(list);
  const frame = list.parentElement;

  function create(call) {
    const button = element('button', { type: 'button', tabindex: -1 });
    button.addEventListener('click', () => choose(call.id, button));
    return element('li', {}, [button]);
  }

  return (calls, chosen) => {
    const end = endFor(Math.max(0, ...calls.map(lengthOf)));
    const isAtEnd = frame.scrollWidth - frame.clientWidth - frame.scrollLeft < NEAR_END;
    keyed(list, calls, create, (item, call) => {
      const button = item.firstElementChild;
      const label = `${call.agent}, ${when(call.endedAt)}: ${length(call.duration)}`;
      button.setAttribute('aria-label', label);
      button.title = label;
      markCurrent(button, call.id === chosen);
      // Through the object model, which the page's policy allows; a style attribute it would not.
      button.style.setProperty('--share', String(lengthOf(call) / end));
    });
    keepStop(bars => bars.at(-1));
    scale.replaceChildren(...[end, end / 2, 0].map(value => element('li', {}, length(value))));
    if (isAtEnd) frame.scrollLeft = frame.scrollWidth;
  };
}

function endFor(longest) {
  const hours = Math.ceil(longest / 7_200) * 7_200;
  return ENDS.find(end => end >= longest) ?? hours;
}
