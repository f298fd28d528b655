import { seconds, svg } from './elements.js';

const WIDTH = 1000;
const HEIGHT = 160;
const LEFT = 48;
const TOP = 10;
const GAP = 4;
const WIDEST = 60;

/** A bar for each call, oldest first, on a scale from nothing to the longest. */
export function plotDurations(plot, calls) {
  const longest = Math.max(2, ...calls.map(lengthOf));
  const height = length => (length / longest) * (HEIGHT - 2 * TOP);
  const step = Math.min(WIDEST, (WIDTH - LEFT) / Math.max(1, calls.length));
  plot.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  plot.replaceChildren(
    ...[0, longest / 2, longest].flatMap(value => gridLine(value, HEIGHT - TOP - height(value))),
    ...calls.map((call, index) =>
      svg(
        'rect',
        {
          x: LEFT + index * step,
          y: HEIGHT - TOP - height(lengthOf(call)),
          width: Math.max(1, step - GAP),
          height: height(lengthOf(call)),
        },
        [svg('title', {}, `${call.id}: ${seconds(call.duration)}`)],
      ),
    ),
  );
}

/** Nothing that is no length is drawn as one. */
const lengthOf = ({ duration }) => Math.max(0, Number.isFinite(duration) ? duration : 0);

const gridLine = (value, y) => [
  svg('line', { x1: LEFT, x2: WIDTH, y1: y, y2: y }),
  svg('text', { x: LEFT - 6, y: y + 4, 'text-anchor': 'end' }, Math.round(value)),
];
