import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const tool = fileURLToPath(new URL('../../../tools/check-docs.mjs', import.meta.url));
const block = (code: string, language = 'ts') => `\`\`\`${language}\n${code}\n\`\`\`\n`;
const note = (text: string) => `<!-- check-docs: ${text} -->\n\n`;

const DOCUMENTS = {
  'good.md':
    note('file=calls.ts') +
    block('export const calls: number[] = [];') +
    block("import { calls } from './calls.js';\ncalls.push(1);"),
  'mistyped.md': `# Title\n\n${block("const fine = 1;\nconst id: number = 'evt_1';")}`,
  'misspelt.md': block("import { OnCallEnd } from 'nestjs-revrag-webhook';"),
  'unframed.md': block('await webhook.verify(rawBody, headers);'),
  'framed.md': note('frame=service') + block('await webhook.verfy(rawBody, headers);'),
  'no-frame.md': note('frame=nothing') + block('fine();'),
  'no-block.md': `${note('frame=service')}Text.\n\n${block('await webhook.verify(rawBody, headers);')}`,
  'javascript.md': block('anything(', 'js'),
  'no-end.md': '```ts\nanything(',
};

it('compiles each block of a document and skips none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'revrag-docs-'));
  try {
    const paths = Object.entries(DOCUMENTS).map(([name, text]) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    });
    const { status, stdout, stderr } = spawnSync(process.execPath, [tool, ...paths], {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    const complaints = stderr.split('\n').filter(line => line.includes('.md'));
    const about = (name: string) =>
      complaints.filter(line => line.includes(`/${name}.md`)).map(line => line.split('.md')[1]);
    expect(about('good')).toEqual([]);
    expect(about('mistyped')).toEqual([":5 Type 'string' is not assignable to type 'number'."]);
    expect(about('misspelt')[0]).toMatch(/^:2 .*OnCallEnd/);
    expect(about('unframed')[0]).toMatch(/^:2 Cannot find name 'webhook'/);
    expect(about('framed')).toEqual([expect.stringMatching(/^:4 Property 'verfy'/)]);
    expect(about('no-frame')).toEqual([', line 4: there is no frame named nothing']);
    expect(about('no-block')).toEqual([', line 1: the note is above no block of TypeScript']);
    expect(about('javascript')).toEqual([', line 1: a block of js: only ts is compiled']);
    expect(about('no-end')).toEqual([', line 1: the block has no end']);
    expect(stdout).toMatch(/^6 blocks of 5 documents, \d+ errors$/m);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
