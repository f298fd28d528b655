import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { ROOT, emitDeclarations, readSources, type SourceFile } from './sources.js';

const sources = readSources();
const byPath = new Map(sources.map(source => [source.path, source]));

/**
 * What each folder of `lib` may import, besides itself and the two that everyone may. `index` is the main
 * entry point.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'core/errors': [],
  'core/common': ['core/errors'],
  'core/signature': [],
  'core/events': ['core/signature'],
  'core/handlers': ['core/events', 'core/signature'],
  'core/idempotency': [],
  'core/delivery': ['core/handlers', 'core/events', 'core/signature', 'core/idempotency'],
  'core/http': ['core/delivery', 'core/events', 'core/signature'],
  'core/module': [
    'core/http',
    'core/delivery',
    'core/handlers',
    'core/events',
    'core/signature',
    'core/idempotency',
  ],
  index: [
    'core/module',
    'core/http',
    'core/delivery',
    'core/handlers',
    'core/events',
    'core/signature',
    'core/idempotency',
  ],
  redis: ['core/idempotency'],
  postgres: ['core/idempotency', 'core/events'],
  bullmq: [
    'core/module',
    'core/delivery',
    'core/handlers',
    'core/events',
    'core/signature',
    'redis',
  ],
  opentelemetry: ['core/handlers', 'core/events'],
  swagger: ['core/delivery', 'core/events', 'core/http', 'core/signature'],
  testing: ['core/delivery', 'core/events', 'core/http', 'core/idempotency', 'core/signature'],
  schematics: [],
  cli: ['index', 'core/module', 'core/events', 'core/signature', 'testing'],
};
const FOR_ALL = ['core/common', 'core/errors'];
const forAll = (folder: string) => (FOR_ALL.includes(folder) ? [] : FOR_ALL);

/** Of a path in `lib`: the entry point or the part of the core that it belongs to. */
const folderOf = (path: string): string => {
  const [first = '', second = ''] = path.split('/');
  if (first === path) return first.replace(/\.ts$/, '');
  return first === 'core' ? `core/${second}` : first;
};

/** Packages that one folder alone may import, as its users alone have them. */
const OPTIONAL_PEERS = [
  'ioredis',
  'pg',
  'bullmq',
  '@nestjs/bullmq',
  '@opentelemetry/api',
  '@nestjs/swagger',
];
const RUNTIME = [
  '@nestjs/common',
  '@nestjs/core',
  'class-transformer',
  'class-validator',
  'reflect-metadata',
  'rxjs',
];

describe('imports', () => {
  it.each(Object.entries(MAY_IMPORT))('of %s go one way', (folder, allowed) => {
    const own = sources.filter(({ path }) => folderOf(path) === folder);
    expect(own.length).toBeGreaterThan(0);
    const strays = own.flatMap(({ path, files }) =>
      files
        .filter(file => ![folder, ...allowed, ...forAll(folder)].includes(folderOf(file)))
        .map(file => `${path} imports ${file}`),
    );
    expect(strays).toEqual([]);
  });

  it('have a rule for each folder', () => {
    const folders = new Set(sources.map(({ path }) => folderOf(path)));
    expect([...folders].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  it('have no cycles', () => {
    const cycles: string[] = [];
    const done = new Set<string>();
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path))
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      if (done.has(path) || trail.includes(path)) return;
      for (const file of byPath.get(path)?.files ?? []) visit(file, [...trail, path]);
      done.add(path);
    };
    for (const { path } of sources) visit(path, []);
    expect(cycles).toEqual([]);
  });

  it('name files that are there', () => {
    const missing = sources.flatMap(({ path, files }) =>
      files.filter(file => !byPath.has(file)).map(file => `${path} imports ${file}`),
    );
    expect(missing).toEqual([]);
  });

  it('from Nest take public entry points only', () => {
    const deep = sources.flatMap(({ path, packages }) =>
      packages
        .filter(name => name.startsWith('@nestjs/') && name.split('/').length > 2)
        .map(name => `${path} imports ${name}`),
    );
    expect(deep).toEqual([]);
  });

  it('reach no optional peer and no other package from the main entry', () => {
    const reached = new Set<string>();
    const visit = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      byPath.get(path)?.files.forEach(visit);
    };
    visit('index.ts');
    const strays = [...reached].flatMap(path =>
      (byPath.get(path)?.packages ?? [])
        .filter(name => !name.startsWith('node:') && !RUNTIME.includes(name))
        .map(name => `${path} imports ${name}`),
    );
    expect(strays).toEqual([]);
    expect(reached.has('testing/index.ts')).toBe(false);
  });
});

describe('folders', () => {
  it('have no barrels, but for entry points', () => {
    const entries = Object.values(readPackage().exports)
      .filter(entry => typeof entry === 'object')
      .map(({ default: file }) => file.replace('./dist/', '').replace(/\.js$/, '.ts'));
    const indexes = sources.filter(({ path }) => path.endsWith('index.ts')).map(({ path }) => path);
    expect(indexes.filter(path => !entries.includes(path))).toEqual([]);
  });

  it('have files of a size that can be read', () => {
    const long = sources
      .filter(({ text }) => text.split('\n').length > 300)
      .map(({ path }) => path);
    expect(long).toEqual([]);
  });
});

describe('module scope', () => {
  it('holds nothing that changes', () => {
    expect(sources.flatMap(findMutableState)).toEqual([]);
  });
});

describe('published declarations', () => {
  const declarations = emitDeclarations();

  it('import packages only that their users have', () => {
    const strays: string[] = [];
    for (const [path, text] of declarations) {
      const isSubpath = path !== 'index.d.ts' && !path.startsWith('core/');
      const allowed = isSubpath ? [...RUNTIME, ...OPTIONAL_PEERS, 'commander'] : RUNTIME;
      for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles) {
        const isKnown = /^(\.|node:)/.test(fileName) || allowed.includes(fileName);
        if (!isKnown) strays.push(`${path} imports ${fileName}`);
      }
    }
    expect(declarations.size).toBe(sources.length);
    expect(strays).toEqual([]);
  });

  it('keep their docs, but not what is internal', () => {
    const options = declarations.get('core/module/revrag-webhook.options.d.ts');
    expect(options).toContain('@default 300');
    const delivery = declarations.get('core/events/delivery.d.ts');
    expect(delivery).not.toContain('@internal');
    expect(delivery).not.toContain('abort(');
  });
});

describe('what goes wrong in peers', () => {
  it('is each held by a test, or said to be otherwise', () => {
    const list = readFileSync(join(ROOT, 'test/PITFALLS.md'), 'utf8');
    const numbers = [...list.matchAll(/^(\d+)\. (.*)$/gm)].map(([, number, text]) => ({
      number: Number(number),
      isElsewhere: /\(held by /.test(text!),
    }));
    expect(numbers.length).toBeGreaterThan(30);
    const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
      .filter(path => /\.(test|contract)\.ts$/.test(path))
      .map(path => readFileSync(join(ROOT, 'test', path), 'utf8'))
      .join('\n');
    const untested = numbers.filter(
      ({ number, isElsewhere }) => !isElsewhere && !new RegExp(`pitfall ${number}\\b`).test(tests),
    );
    expect(untested).toEqual([]);
  });
});

function readPackage(): { exports: Record<string, { default: string }> } {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as ReturnType<
    typeof readPackage
  >;
}

/** Top-level variables that can be reassigned, and collections that are not declared as read-only. */
function findMutableState({ path, text }: SourceFile): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    const isConst = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
    for (const { name, initializer, type } of statement.declarationList.declarations) {
      const isCollection =
        initializer !== undefined &&
        ts.isNewExpression(initializer) &&
        /^(Weak)?(Map|Set)$|Subject$|LRUCache$/.test(initializer.expression.getText(file));
      const isReadonly = type?.getText(file).startsWith('Readonly') ?? false;
      if (!isConst || (isCollection && !isReadonly)) found.push(`${path}: ${name.getText(file)}`);
    }
  }
  return found;
}
