// Module hooks: a module that is imported with `?mutant=3` gets its own copy of `lib`, in which the third change of
// that module's folder is made.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 };
const compiled = new Map();
let mutants;

/** @param {{ file: string, source: string }[]} all */
export function initialize(all) {
  mutants = all;
}

export async function resolve(specifier, context, next) {
  const [, mutant = ''] = /\.ts(\?mutant=\d+)?$/.exec(context.parentURL ?? '') ?? [];
  const isOwn = specifier.startsWith('.') && /\.ts(\?|$)/.test(context.parentURL ?? '');
  const found = await next(isOwn ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  return found.url.endsWith('.ts') ? { ...found, url: found.url + mutant } : found;
}

export function load(url, context, next) {
  const path = url.startsWith('file:') ? fileURLToPath(url) : '';
  if (!path.endsWith('.ts')) return next(url, context);
  const mutant = mutants[/\?mutant=(\d+)$/.exec(url)?.[1]];
  const text = mutant?.file === path ? mutant.source : undefined;
  return { format: 'module', source: compile(path, text), shortCircuit: true };
}

function compile(path, mutated) {
  const compileText = text => ts.transpileModule(text, { compilerOptions }).outputText;
  if (mutated !== undefined) return compileText(mutated);
  if (!compiled.has(path)) compiled.set(path, compileText(readFileSync(path, 'utf8')));
  return compiled.get(path);
}
