const WIDTH = 760;
const HEIGHT = 420;
const MARGIN = { top: 44, right: 190, bottom: 56, left: 76 };
const COLOURS = ['#d1495b', '#30638e', '#5b8c5a', '#edae49', '#7d5ba6', '#4a4e69'];
const FONT = 'font-family="system-ui, sans-serif" font-size="12"';

const escape = text =>
  String(text).replace(
    /[<>&"]/g,
    one => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[one],
  );

const short = value => {
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 1e3) return `${value / 1e3}k`;
  return String(Number(value.toPrecision(3)));
};

function scale([from, to], [start, end], logarithmic) {
  const map = logarithmic ? Math.log10 : value => value;
  const share = value => (map(value) - map(from)) / (map(to) - map(from) || 1);
  return value => start + share(value) * (end - start);
}

function ticks([from, to], logarithmic) {
  if (!logarithmic)
    return Array.from({ length: 6 }, (_, index) => from + ((to - from) * index) / 5);
  const first = Math.ceil(Math.log10(from));
  const count = Math.floor(Math.log10(to)) - first + 1;
  return Array.from({ length: count }, (_, index) => 10 ** (first + index));
}

function bounds(values, logarithmic) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return logarithmic ? [low * 0.8, high * 1.25] : [0, high * 1.1];
}

const frame = (title, content) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ${FONT}>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${MARGIN.left}" y="24" font-size="15" font-weight="600">${escape(title)}</text>
${content.join('\n')}
</svg>
`;

/**
 * A plot of lines, each with the range of its middle half as bars.
 *
 * @param {{ name: string, points: { x: number, y: number, low?: number, high?: number }[] }[]} series
 */
export function linePlot({ title, x, y, series, logX = false, logY = false }) {
  const all = series.flatMap(({ points }) => points);
  const xRange = logX
    ? bounds(
        all.map(p => p.x),
        true,
      )
    : [0, Math.max(...all.map(p => p.x))];
  const yRange = bounds(
    all.flatMap(p => [p.y, p.low ?? p.y, p.high ?? p.y]),
    logY,
  );
  const atX = scale(xRange, [MARGIN.left, WIDTH - MARGIN.right], logX);
  const atY = scale(yRange, [HEIGHT - MARGIN.bottom, MARGIN.top], logY);
  const content = axes({ x, y, xRange, yRange, atX, atY, logX, logY });
  series.forEach(({ name, points }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = points.map(p => `${atX(p.x).toFixed(1)},${atY(p.y).toFixed(1)}`).join(' ');
    content.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const p of points) {
      const [px, py] = [atX(p.x).toFixed(1), atY(p.y).toFixed(1)];
      if (points.length <= 20)
        content.push(`<circle cx="${px}" cy="${py}" r="3" fill="${colour}"/>`);
      if (p.low === undefined) continue;
      const [y1, y2] = [atY(p.low).toFixed(1), atY(p.high).toFixed(1)];
      content.push(`<line x1="${px}" x2="${px}" y1="${y1}" y2="${y2}" stroke="${colour}"/>`);
    }
    content.push(legend(name, index, colour));
  });
  return frame(title, content);
}

const legend = (name, index, colour) => {
  const x = WIDTH - MARGIN.right + 16;
  const y = MARGIN.top + 12 + index * 20;
  return `<rect x="${x}" y="${y - 9}" width="12" height="12" fill="${colour}"/><text x="${x + 18}" y="${y + 1}">${escape(name)}</text>`;
};

function axes({ x, y, xRange, yRange, atX, atY, logX, logY }) {
  const [left, right] = [MARGIN.left, WIDTH - MARGIN.right];
  const [top, bottom] = [MARGIN.top, HEIGHT - MARGIN.bottom];
  const content = [];
  for (const value of ticks(yRange, logY)) {
    const at = atY(value).toFixed(1);
    content.push(`<line x1="${left}" x2="${right}" y1="${at}" y2="${at}" stroke="#e3e3e3"/>`);
    content.push(`<text x="${left - 8}" y="${at}" dy="4" text-anchor="end">${short(value)}</text>`);
  }
  for (const value of ticks(xRange, logX)) {
    const at = atX(value).toFixed(1);
    content.push(`<line x1="${at}" x2="${at}" y1="${bottom}" y2="${bottom + 5}" stroke="#777"/>`);
    content.push(`<text x="${at}" y="${bottom + 20}" text-anchor="middle">${short(value)}</text>`);
  }
  content.push(`<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="#777"/>`);
  content.push(
    `<text x="${(left + right) / 2}" y="${HEIGHT - 14}" text-anchor="middle">${escape(x)}</text>`,
  );
  const middle = (top + bottom) / 2;
  content.push(
    `<text x="18" y="${middle}" text-anchor="middle" transform="rotate(-90 18 ${middle})">${escape(y)}</text>`,
  );
  return content;
}

/** Horizontal bars in groups, each group with a scale of its own: values relative to its largest. */
export function barPlot({ title, groups }) {
  const height = 18;
  const content = [];
  let y = MARGIN.top;
  for (const { name, bars } of groups) {
    const largest = Math.max(...bars.map(({ value }) => value));
    content.push(`<text x="16" y="${y + 12}" font-weight="600">${escape(name)}</text>`);
    y += 20;
    for (const { label, value, highlight } of bars) {
      const width = (value / largest) * (WIDTH - 420);
      const colour = highlight ? COLOURS[0] : COLOURS[1];
      content.push(`<text x="330" y="${y + 13}" text-anchor="end">${escape(label)}</text>`);
      content.push(
        `<rect x="338" y="${y + 2}" width="${width.toFixed(1)}" height="${height - 4}" fill="${colour}"/>`,
      );
      content.push(
        `<text x="${(344 + width).toFixed(1)}" y="${y + 13}">${Math.round(value)}</text>`,
      );
      y += height;
    }
    y += 16;
  }
  return frame(title, content)
    .replace(`0 0 ${WIDTH} ${HEIGHT}`, `0 0 ${WIDTH} ${y}`)
    .replace(`height="${HEIGHT}"`, `height="${y}"`);
}
