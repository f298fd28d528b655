import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

it.each([
  ['serverless.md', 'app.module.ts'],
  ['serverless.md', 'webhook.ts'],
  ['serverless.md', 'lambda-handler.ts'],
  ['serverless.md', 'fetch-handler.ts'],
  ['serverless.md', 'cloud-function.ts'],
  ['serverless.md', 'azure-function.ts'],
  ['serverless.md', 'front-door.controller.ts'],
  ['serverless.md', 'deliveries.controller.ts'],
  ['observability.md', 'health.controller.ts'],
  ['observability.md', 'store.health.ts'],
  ['observability.md', 'queue.health.ts'],
])('docs/%s shows %s as it is tested', (document, file) => {
  expect(read(`../../../docs/${document}`)).toContain(`\`\`\`ts\n${read(file)}\`\`\`\n`);
});
