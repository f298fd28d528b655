// Lets the benchmark import the few TypeScript files that it shares with the tests.
import { readFile } from 'node:fs/promises';
import ts from 'typescript';

const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };

/** TypeScript's sources name each other as they are called once compiled. */
export function resolve(specifier, context, next) {
  const isRelativeInTypeScript = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
  return next(isRelativeInTypeScript ? specifier.replace(/\.js$/, '.ts') : specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const text = await readFile(new URL(url), 'utf8');
  const { outputText } = ts.transpileModule(text, { compilerOptions });
  return { format: 'module', source: outputText, shortCircuit: true };
}
