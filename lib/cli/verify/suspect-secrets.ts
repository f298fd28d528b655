import { cause, type Suspect } from './cause.js';

/** The secret with one thing undone that often happens to secrets, as key bytes. */
export function* suspectSecrets(secret: string): Generator<Suspect<Buffer>> {
  const seen = [secret];
  for (const { value, cause: why } of candidates(secret)) {
    const key = value.toString('latin1');
    if (value.length === 0 || seen.includes(key)) continue;
    seen.push(key);
    yield { value, cause: why };
  }
}

function* candidates(secret: string): Generator<Suspect<Buffer>> {
  const around = cause(
    'secret_white_space',
    "The secret given here has white space or a line end around it, which the sender's has not.",
    'Remove it where the secret is stored: use `printf %s` rather than `echo`, and no line end in a mounted file.',
  );
  yield { value: utf8(secret.trim()), cause: around };
  const trimmed = secret.trim();
  for (const [end, name] of [
    ['\n', 'a line feed'],
    ['\r\n', 'a CRLF'],
    [' ', 'a space'],
  ] as const) {
    const sent = cause(
      'secret_white_space',
      `The sender's secret has ${name} at its end, from when it was set up.`,
      'Ask contact@revrag.ai to set the secret again without it.',
    );
    yield { value: utf8(trimmed + end), cause: sent };
  }
  const quotes = cause(
    'secret_quotes',
    'The secret given here has quotation marks, or the name of a variable, around it.',
    'Keep the bare value: quotation marks in an env file are part of it for Docker, for example.',
  );
  yield { value: utf8(trimmed.replace(/^(["'`])(.*)\1$/s, '$2')), cause: quotes };
  yield { value: utf8(trimmed.replace(/^(?:export )?\w+=(["']?)(.*)\1$/s, '$2')), cause: quotes };
  const encoding = cause(
    'secret_encoding',
    'The secret given here is another encoding of the one that the sender uses.',
    'Use the text of the secret as agreed on, neither encoded nor decoded.',
  );
  yield* recoded(trimmed).map(value => ({ value, cause: encoding }));
}

function recoded(secret: string): Buffer[] {
  const bare = secret.replace(/^whsec_/, '');
  const values = [utf8(bare)];
  for (const text of new Set([secret, bare])) {
    if (/^[A-Za-z0-9+/]+={0,2}$/.test(text)) values.push(Buffer.from(text, 'base64'));
    if (/^[\w-]+$/.test(text)) values.push(Buffer.from(text, 'base64url'));
    if (/^(?:[0-9a-f]{2})+$/i.test(text)) values.push(Buffer.from(text, 'hex'));
  }
  values.push(utf8(utf8(secret).toString('base64')), utf8(utf8(secret).toString('hex')));
  if (secret.includes('%')) values.push(utf8(decodePercent(secret)));
  return values;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
