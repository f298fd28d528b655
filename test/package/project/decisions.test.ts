import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';

const folder = new URL('../../../docs/decisions/', import.meta.url);
const files = readdirSync(folder).filter(name => name !== 'README.md');
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');

it('have one number each, in the name and in the title', () => {
  const numbers = files.map(name => Number(/^(\d{3})-/.exec(name)?.[1]));
  expect(new Set(numbers).size).toBe(files.length);
  expect(files.map(name => Number(/^# (\d+)\. /.exec(read(name))?.[1]))).toEqual(numbers);
});

it('are in the index by their number and title, each once', () => {
  const rows = [...read('README.md').matchAll(/^- \[(\d+)\]\((\S+)\) (.+)$/gm)];
  const plain = (title: string) => title.replaceAll('`', '');
  const indexed = rows.map(([, number, file, title]) => [file, plain(`# ${number}. ${title}`)]);
  const found = files.map(name => [name, plain(read(name).split('\n')[0]!)]);
  expect(indexed.sort()).toEqual(found.sort());
});
