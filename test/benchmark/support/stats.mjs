const sorted = values => [...values].sort((a, b) => a - b);

export function median(values) {
  const list = sorted(values);
  const middle = list.length >> 1;
  return list.length % 2 === 1 ? list[middle] : (list[middle - 1] + list[middle]) / 2;
}

/** Median with the range that the middle half of the values lies in. */
export function summary(values) {
  const list = sorted(values);
  const at = share => list[Math.round((list.length - 1) * share)];
  return { median: median(values), low: at(0.25), high: at(0.75), values };
}

/**
 * How two things measured in turns compare: the median of the ratios of neighbours in time, so that what
 * else the machine does weighs on both alike.
 */
export const ratio = (ours, theirs) => summary(ours.map((value, index) => value / theirs[index]));

/** The list begun at another place, so that no member always comes first. */
export function rotate(list, by) {
  const offset = by % list.length;
  return [...list.slice(offset), ...list.slice(0, offset)];
}
