import type { PathParams } from '../signature/path-params.js';

/** A parameter, a wildcard, an escaped character, a brace of an optional group, or plain text. */
const TOKEN = /([:*])([\p{ID_Start}$_][\p{ID_Continue}$]*)|\\(.)|([{}])|([^\\:*{}()[\]+?!]+)/gsuy;

/** A route's path with the syntax of Express 5: text, `:name`, `*name` and `{optional}`, in any letter case. */
export class PathPattern {
  private constructor(
    private readonly regexp: RegExp,
    private readonly names: readonly string[],
    /** The path that alone matches, as `literalOf` gives it; undefined for a pattern of several. */
    readonly literal: string | undefined,
  ) {}

  /**
   * @returns undefined for a path that needs backtracking, such as two parameters in one segment, or that has
   * other syntax than Express 5
   */
  static of(path: string): PathPattern | undefined {
    const names: string[] = [];
    let source = '';
    let plain = '';
    let end = 0;
    let inSegment = 0;
    let hasGroup = false;
    for (const { index, 0: token, 1: kind, 2: name, 3: escaped, 4: brace } of path.matchAll(
      TOKEN,
    )) {
      end = index + token.length;
      if (name !== undefined) {
        names.push(name);
        inSegment += 1;
        source += kind === ':' ? '([^/]+)' : '(.+)';
        if (inSegment > 1 || source.split('(.+)').length > 2) return undefined;
      } else if (brace !== undefined) {
        hasGroup = true;
        source += brace === '{' ? '(?:' : ')?';
      } else {
        const text = escaped ?? token;
        plain += text;
        if (text.includes('/')) inSegment = 0;
        source += text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
      }
    }
    const isWhole = end === path.length;
    if (!isWhole || source.split('(?:').length !== source.split(')?').length) return undefined;
    const regexp = new RegExp(`^${source.replace(/(\\\/)+$/, '')}\\/?$`, 'i');
    const isLiteral = names.length === 0 && !hasGroup;
    return new PathPattern(regexp, names, isLiteral ? literalOf(plain) : undefined);
  }

  /** @returns undefined if the path does not match */
  match(path: string): PathParams | undefined {
    const match = this.regexp.exec(path);
    if (!match) return undefined;
    const params: Record<string, string> = Object.create(null) as Record<string, string>;
    this.names.forEach((name, index) => {
      const value = match[index + 1];
      if (value !== undefined) params[name] = decode(value);
    });
    return params;
  }
}

/** A path as a literal pattern compares it: letter case and a trailing slash make no difference. */
export const literalOf = (path: string): string =>
  (path.endsWith('/') ? path.slice(0, -1) : path).toLowerCase();

/** A value that cannot be decoded stays as it is: the router answers 400. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
