// README.md as it is published: outside of the repository its relative links would lead nowhere.
//   node tools/published-readme.mjs              before packing
//   node tools/published-readme.mjs --restore    afterwards
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const pathOf = path => fileURLToPath(new URL(`../${path}`, import.meta.url));
const readme = pathOf('README.md');
const original = pathOf('node_modules/.cache/nestjs-revrag-webhook-readme/README.md');

const LINK = /(!?\]\()(?!https?:|#|mailto:)([^)\s]+)/g;

if (process.argv.includes('--restore')) {
  if (existsSync(original)) renameSync(original, readme);
} else {
  const { homepage } = JSON.parse(readFileSync(pathOf('package.json'), 'utf8'));
  const repository = homepage.replace(/#.*/, '');
  const text = readFileSync(readme, 'utf8');
  mkdirSync(dirname(original), { recursive: true });
  writeFileSync(original, text);
  writeFileSync(readme, text.replace(LINK, `$1${repository}/blob/main/$2`));
}
