const MAX_BAR = 30;
const MIN_BAR = 5;

interface Progress {
  readonly sent: number;
  readonly total: number;
  readonly failed: number;
}

/**
 * The parts of a line of progress, together no wider than `width`: a line that wraps can't be drawn over.
 * The bar shrinks first, then it is left out, then the count of failures.
 */
export function progressLine(
  { sent, total, failed: count }: Progress,
  width: number,
): { bar: string; counts: string; failed: string } {
  const failed = count > 0 ? `  ${count} failed` : '';
  const counts = `${sent}/${total}`;
  const room = Math.min(MAX_BAR, width - counts.length - failed.length - 1);
  if (room < MIN_BAR) {
    const fits = counts.length + failed.length <= width;
    return { bar: '', counts: counts.slice(0, Math.max(width, 0)), failed: fits ? failed : '' };
  }
  const filled = Math.round((sent / total) * room);
  return { bar: '█'.repeat(filled) + '░'.repeat(room - filled), counts: ` ${counts}`, failed };
}
