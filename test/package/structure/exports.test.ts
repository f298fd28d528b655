import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { ROOT } from './sources.js';

const EXEMPT = [
  // The Nest CLI loads it by its name in collection.json.
  'lib/schematics/nest-add.ts nestAdd',
];

const files = ['lib', 'test'].flatMap(folder =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts') && !path.includes('node_modules'))
    .map(path => parse(join(folder, path))),
);

function parse(path: string): ts.SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
}

/** Such as `lib/core/common/clock.ts Clock`. */
function exportsOf({ fileName, statements }: ts.SourceFile): string[] {
  return statements
    .filter(
      statement =>
        ts.canHaveModifiers(statement) &&
        ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
    )
    .flatMap(namesOf)
    .map(name => `${fileName} ${name}`);
}

function namesOf(statement: ts.Node): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [name.text] : name.elements.flatMap(namesOf),
    );
  }
  const { name } = statement as { name?: ts.Identifier };
  return name ? [name.text] : [];
}

/** What a file imports or passes on, in the same form; `*` for all of a file. */
function importsOf({ fileName, statements, text }: ts.SourceFile): string[] {
  const targetOf = (from: string) =>
    relative('.', join(dirname(fileName), from)).replace(/\.js$/, '.ts');
  const dynamic = [...text.matchAll(/\bimport\('(\.[^']+)'\)/g)].map(
    ([, from]) => `${targetOf(from as string)} *`,
  );
  const named = statements.flatMap(statement => {
    const isImport = ts.isImportDeclaration(statement);
    if (!isImport && !ts.isExportDeclaration(statement)) return [];
    const from = statement.moduleSpecifier as ts.StringLiteral | undefined;
    if (!from?.text.startsWith('.')) return [];
    const target = targetOf(from.text);
    const names = isImport ? statement.importClause?.namedBindings : statement.exportClause;
    if (!names || !('elements' in names)) return [`${target} *`];
    return names.elements.map(
      ({ name, propertyName }) => `${target} ${(propertyName ?? name).text}`,
    );
  });
  return [...named, ...dynamic];
}

it('exports nothing that no other file imports', () => {
  const imported = new Set([...files.flatMap(importsOf), ...EXEMPT]);
  const unused = files
    .filter(({ fileName }) => fileName.startsWith('lib/') && !imported.has(`${fileName} *`))
    .flatMap(exportsOf)
    .filter(name => !imported.has(name) && !/\/index\.ts /.test(name));
  expect(unused).toEqual([]);
});
