/** What stands for something that inspect() leaves out. */
const LEFT_OUT = undefined;
/** Deeper than anything that is printed; what is deeper is no print of a request. */
const MAX_DEPTH = 200;

/** Sticky and bounded, so that no place of the text is looked at more than a few times. */
const SPACE = /[\s;]*/y;
const KEY = /(?:\[?Symbol\([^)\n]{0,100}\)\]?|[\w$-]{1,200})(?=:)/y;
const BYTES = /<(?:Buffer|SlowBuffer|Uint8Array)((?: [0-9a-f]{2})*)(?: \.\.\. \d+ more bytes?)?>/y;
const MORE = /\.\.\. \d+ more (?:items?|characters?|bytes?)/y;
const ATOM = /[^\s,:{}[\]()'"`<>]+/y;
/** Such as `IncomingMessage`, `[Object: null prototype]`, `<ref *1>`, `Map(2)`. */
const PREFIX =
  /(?:<ref \*\d{1,9}>|\[[\w$.]{1,100}(?:\(\d{1,9}\))?: [^\]\n]{0,100}\]|[\w$.]{1,100}(?:\(\d{1,9}\))?) (?=[{[])/y;
const STUB = /\[[A-Z][\w$]{0,100}(?:[ :*/][^\]\n]{0,100})?\]/y;

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  '0': '\0',
};

export interface Inspected {
  readonly value: unknown;
  /** Where the text goes on behind it. */
  readonly end: number;
}

/** Reads the notation of util.inspect() back into values, as far as that goes: for headers and a body. */
export class InspectParser {
  private at = 0;

  /** Whether inspect() left out a part of what was read. */
  isCut = false;

  constructor(private readonly text: string) {}

  /** All objects and texts of the input; words between them, such as a logger's, are passed over. */
  values(): readonly Inspected[] {
    const values: Inspected[] = [];
    while (this.at < this.text.length) {
      this.take(SPACE);
      const before = this.at;
      const value = this.value(0);
      if (typeof value === 'object' || typeof value === 'string') {
        values.push({ value, end: this.at });
      }
      if (this.at === before) this.at += 1;
    }
    return values;
  }

  private value(depth: number): unknown {
    this.take(SPACE);
    const bytes = this.bytes();
    if (bytes) return bytes;
    const start = this.at;
    if (this.take(STUB) !== undefined && !/^\s*[{[]/.test(this.text.slice(this.at, this.at + 9))) {
      this.isCut ||= /^\[(?:Object|Array)\b/.test(this.text.slice(start, start + 8));
      return LEFT_OUT;
    }
    this.at = start;
    while (this.take(PREFIX) !== undefined);
    const open = this.text[this.at];
    if (depth > MAX_DEPTH) return LEFT_OUT;
    if (open === '{') return this.object(depth);
    if (open === '[') return this.list(depth);
    if (open === "'" || open === '"' || open === '`') return this.strings();
    return toScalar(this.take(ATOM));
  }

  private object(depth: number): Readonly<Record<string, unknown>> {
    const members: [string, unknown][] = [];
    this.at += 1;
    while (!this.ends('}')) {
      const before = this.at;
      const key = /['"`]/.test(this.text[this.at] ?? '') ? this.string() : this.take(KEY);
      if (key !== undefined && this.text[this.at] === ':') {
        this.at += 1;
        members.push([key, this.value(depth + 1)]);
      } else if (key === undefined) this.value(depth + 1);
      this.skip(before);
    }
    return Object.fromEntries(members);
  }

  private list(depth: number): readonly unknown[] {
    const items: unknown[] = [];
    this.at += 1;
    while (!this.ends(']')) {
      const before = this.at;
      if (this.take(MORE) !== undefined) this.isCut = true;
      else items.push(this.value(depth + 1));
      this.skip(before);
    }
    return items;
  }

  /** @returns whether the bracket, or the text, is at its end */
  private ends(bracket: string): boolean {
    this.take(SPACE);
    if (this.at >= this.text.length) return true;
    if (this.text[this.at] !== bracket) return false;
    this.at += 1;
    return true;
  }

  /** Goes on behind a comma; past what could not be read. */
  private skip(before: number): void {
    this.take(SPACE);
    if (this.text[this.at] === ',' || this.at === before) this.at += 1;
  }

  private bytes(): Buffer | undefined {
    BYTES.lastIndex = this.at;
    const match = BYTES.exec(this.text);
    if (!match) return undefined;
    this.at = BYTES.lastIndex;
    this.isCut ||= match[0].includes('...');
    return Buffer.from((match[1] ?? '').replaceAll(' ', ''), 'hex');
  }

  /** Long texts are printed in several pieces, with a plus between them. */
  private strings(): string {
    const pieces = [this.string()];
    for (;;) {
      const end = this.at;
      this.take(SPACE);
      if (this.text[this.at] === '+') {
        this.at += 1;
        this.take(SPACE);
        if (/['"`]/.test(this.text[this.at] ?? '')) {
          pieces.push(this.string());
          continue;
        }
      }
      this.isCut ||= this.take(MORE) !== undefined;
      this.at = end;
      return pieces.join('');
    }
  }

  private string(): string {
    const quote = this.text[this.at] as string;
    const parts: string[] = [];
    let from = this.at + 1;
    for (let at = from; ; at += 1) {
      const unit = this.text[at];
      if (unit === undefined || unit === quote) {
        parts.push(this.text.slice(from, at));
        this.at = at + 1;
        return parts.join('');
      }
      if (unit !== '\\') continue;
      const [escape, length] = readEscape(this.text, at + 1);
      parts.push(this.text.slice(from, at), escape);
      at += length;
      from = at + 1;
    }
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match) this.at = pattern.lastIndex;
    return match?.[0];
  }
}

/** @returns what an escape stands for, and its length after the backslash */
function readEscape(text: string, at: number): [text: string, length: number] {
  const unit = text[at] ?? '';
  const [, hex] =
    /^x([0-9a-f]{2})/i.exec(text.slice(at, at + 3)) ??
    /^u([0-9a-f]{4})/i.exec(text.slice(at, at + 5)) ??
    [];
  if (hex !== undefined) return [String.fromCharCode(parseInt(hex, 16)), hex.length + 1];
  return [ESCAPES[unit] ?? unit, 1];
}

function toScalar(atom: string | undefined): unknown {
  if (atom === 'true' || atom === 'false') return atom === 'true';
  if (atom === 'null') return null;
  return atom !== undefined && /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(atom)
    ? Number(atom)
    : LEFT_OUT;
}
