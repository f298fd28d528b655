const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** Date and time where the reader is, or a dash. */
export function when(text) {
  const date = new Date(text ?? NaN);
  return Number.isNaN(+date) ? '–' : `${DAY.format(date)}, ${TIME.format(date)}`;
}

/** What is no length of time, such as a negative number, is none. */
export const lengthOf = ({ duration }) =>
  Number.isFinite(duration) && duration > 0 ? duration : 0;

export function length(seconds) {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  const whole = Math.round(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  return [minutes && `${minutes} min`, (rest || !minutes) && `${rest} s`].filter(Boolean).join(' ');
}

/** `user_hangup` is for programs. */
export const spelt = code => code.replaceAll('_', ' ');
