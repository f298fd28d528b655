import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellWords } from '../../../lib/cli/verify/shell-words.js';

const COMMANDS: readonly (readonly [command: string, words: readonly string[]])[] = [
  ['a  b\tc', ['a', 'b', 'c']],
  [`'a b' "c d" e\\ f`, ['a b', 'c d', 'e f']],
  [`-H'x: y'"z"`, ['-Hx: yz']],
  [`'it'\\''s' 'back\\slash' '"'`, ["it's", 'back\\slash', '"']],
  ['"a\\"b\\\\c\\$d\\qe"', ['a"b\\c$d\\qe']],
  ['"a\'b" \'\' ""', ["a'b", '', '']],
  [`$'a\\n\\t\\'\\\\\\x41\\101\\u00e9\\U0001f600' $x`, ["a\n\t'\\AAé😀", '$x']],
  ['a \\\n  b', ['a', 'b']],
  ["'a\nb' c", ['a\nb', 'c']],
  ["é 😀 'नमस्ते'", ['é', '😀', 'नमस्ते']],
  ['a\nb', ['a']],
  ['a | b', ['a']],
];

describe('shellWords', () => {
  it.each(COMMANDS)('splits %j', (command, words) => {
    expect(shellWords(command, 'bash')).toEqual(words);
  });

  const hasBash = spawnSync('bash', ['-c', 'true']).status === 0;
  it.runIf(hasBash)('splits them as bash itself does', () => {
    for (const [command, words] of COMMANDS) {
      // What ends a command would start another one, and a variable would be looked up.
      const [line = ''] = command.includes("'") ? [command] : command.split(/(?<!\\)\n| \|/, 1);
      const script = `x='$x'; printf '%s\\0' ${line}`;
      const env = { ...process.env, LC_ALL: 'C.UTF-8' };
      const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8', env });
      expect(stdout.split('\0').slice(0, -1), command).toEqual(words);
    }
  });

  it.each([
    ['^"a b^" c', ['a b', 'c']],
    ['^"^{^\\^"k^\\^":^\\^"v^%^\\^"^}^"', ['{"k":"v%"}']],
    ['a ^\r\n  b', ['a', 'b']],
    ['^"line 1^\n\nline 2^"', ['line 1\nline 2']],
    ['^"a\\\\b^"', ['a\\b']],
    ["'a", ["'a"]],
  ])('splits %j as cmd does', (command, words) => {
    expect(shellWords(command, 'cmd')).toEqual(words);
  });
});
