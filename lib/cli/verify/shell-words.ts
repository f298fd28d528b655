/** The shells that browsers and Postman write commands for; sh and zsh read as bash does. */
type Shell = 'bash' | 'cmd';

const ANSI_C: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\u0007',
  e: '\u001b',
};

const CODE = /^(?:x([\da-fA-F]{1,2})|u([\da-fA-F]{1,4})|U([\da-fA-F]{1,8})|([0-7]{1,3}))/;
const MAX_CODE_POINT = 0x10ffff;

const toCode = ([, x, u, long, octal]: RegExpExecArray): number =>
  Math.min(
    octal === undefined ? parseInt(x ?? u ?? long ?? '0', 16) : parseInt(octal, 8),
    MAX_CODE_POINT,
  );

/** The words of a command, up to the end of its line. */
export function shellWords(command: string, shell: Shell): readonly string[] {
  return new ShellWords(shell === 'cmd' ? withoutCarets(command) : command, shell).read();
}

/** cmd takes what follows a caret as it is, and drops the end of a line that follows one. */
const withoutCarets = (command: string): string =>
  command.replace(/\^(?:\r?\n(\r?\n)?|([^]))/g, (_all, line = '', unit = '') => `${line}${unit}`);

class ShellWords {
  private at = 0;
  private word: string | undefined;
  private readonly words: string[] = [];

  constructor(
    private readonly text: string,
    private readonly shell: Shell,
  ) {}

  read(): readonly string[] {
    while (this.at < this.text.length && !this.isEnd()) this.step();
    this.endWord();
    return this.words;
  }

  private isEnd(): boolean {
    return /[\n;|]/.test(this.text[this.at] ?? '');
  }

  private step(): void {
    const unit = this.text[this.at] as string;
    this.at += 1;
    if (/\s/.test(unit)) this.endWord();
    else if (unit === '"') this.add(this.shell === 'cmd' ? this.argument() : this.doubleQuoted());
    else if (this.shell === 'cmd') this.add(unit);
    else if (unit === "'") this.add(this.singleQuoted());
    else if (unit === '$' && this.text[this.at] === "'") this.add(this.ansiC());
    else if (unit === '\\') this.escaped();
    else this.add(unit);
  }

  private add(text: string): void {
    this.word = (this.word ?? '') + text;
  }

  private endWord(): void {
    if (this.word !== undefined) this.words.push(this.word);
    this.word = undefined;
  }

  private escaped(): void {
    const line = /^\r?\n/.exec(this.text.slice(this.at, this.at + 2));
    if (line) this.at += line[0].length;
    else this.add(this.text[this.at++] ?? '');
  }

  private singleQuoted(): string {
    const end = this.indexOf("'");
    const text = this.text.slice(this.at, end);
    this.at = end + 1;
    return text;
  }

  private doubleQuoted(): string {
    return this.quoted('"', next => (/["\\$`]/.test(next) ? [next, 1] : ['\\', 0]));
  }

  private ansiC(): string {
    this.at += 1;
    return this.quoted("'", (next, at) => {
      const code = CODE.exec(this.text.slice(at, at + 9));
      return code
        ? [String.fromCodePoint(toCode(code)), code[0].length]
        : [ANSI_C[next] ?? next, 1];
    });
  }

  /** As the C runtime of Windows reads an argument: `\"` or `""` for a quotation mark. */
  private argument(): string {
    return this.quoted('"', next => (/["\\]/.test(next) ? [next, 1] : ['\\', 0]));
  }

  private quoted(
    end: string,
    escape: (next: string, at: number) => readonly [text: string, length: number],
  ): string {
    const parts: string[] = [];
    while (this.at < this.text.length) {
      const unit = this.text[this.at] as string;
      this.at += 1;
      if (unit === end) break;
      if (unit !== '\\') parts.push(unit);
      else {
        const [text, length] = escape(this.text[this.at] ?? '', this.at);
        parts.push(text);
        this.at += length;
      }
    }
    return parts.join('');
  }

  private indexOf(quote: string): number {
    const end = this.text.indexOf(quote, this.at);
    return end === -1 ? this.text.length : end;
  }
}
