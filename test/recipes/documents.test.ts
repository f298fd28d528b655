import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

it.each([
  'app.module.ts',
  'lambda-handler.ts',
  'front-door.controller.ts',
  'deliveries.controller.ts',
])('docs/serverless.md shows %s as it is tested', file => {
  expect(read('../../docs/serverless.md')).toContain(`\`\`\`ts\n${read(file)}\`\`\`\n`);
});
