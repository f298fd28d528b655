// Whether a tag may be published: it is the version of package.json, and CHANGELOG.md says what is new. Prints that.
//   node tools/check-release.mjs v0.2.0
import { readFileSync } from 'node:fs';

const read = path => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

const tag = process.argv[2];
const { version } = JSON.parse(read('package.json'));
const sections = read('CHANGELOG.md').split(/^## /m).slice(1);
const notes = sections.find(section => section.split(/\s/)[0].replace(/[[\]]/g, '') === version);

if (tag !== `v${version}`)
  fail(`The tag is ${tag}, and the version in package.json is ${version}.`);
else if (!notes) fail(`CHANGELOG.md has no section "## ${version}".`);
else console.log(notes.slice(notes.indexOf('\n')).trim());

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
