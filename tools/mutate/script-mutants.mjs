import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { LUA, SQL } from './script-rules.mjs';

const LANGUAGES = [
  { rules: LUA, is: /redis\.call|ARGV\[/, comment: /^ *--.*$/gm },
  {
    rules: SQL,
    is: /\b(?:SELECT|INSERT INTO|CREATE TABLE|PERFORM|RAISE|FOREACH)\b/,
    comment: /^ *--.*$/gm,
  },
];

/** Every change of the scripts in a file: where it is, what it was and what it becomes. */
export function mutantsOf(file) {
  const source = readFileSync(file, 'utf8');
  const mutants = new Map();
  for (const { start, text } of templatesOf(file, source)) {
    const language = LANGUAGES.find(({ is }) => is.test(text));
    if (!language) continue;
    // Comments become spaces, so that positions stay.
    const code = text.replace(language.comment, found => ' '.repeat(found.length));
    for (const [kind, pattern, replacement] of language.rules) {
      for (const { 0: found, index } of code.matchAll(pattern)) {
        const becomes = typeof replacement === 'function' ? replacement(found) : replacement;
        const at = start + index;
        const mutated = source.slice(0, at) + becomes + source.slice(at + found.length);
        if (mutated === source || mutants.has(mutated)) continue;
        mutants.set(mutated, {
          file,
          kind,
          source: mutated,
          ...placeOf(source, at, found, becomes),
        });
      }
    }
  }
  return [...mutants.values()].sort((a, b) => a.line - b.line);
}

/** The template literals of a file; one within another belongs to it. */
function templatesOf(file, source) {
  const templates = [];
  const visit = node => {
    if (!ts.isTemplateExpression(node) && !ts.isNoSubstitutionTemplateLiteral(node)) {
      ts.forEachChild(node, visit);
      return;
    }
    const start = node.getStart() + 1;
    templates.push({ start, text: source.slice(start, node.getEnd() - 1) });
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true));
  return templates;
}

function placeOf(source, at, found, becomes) {
  const begin = at + (/^\s*/.exec(found)?.[0].length ?? 0);
  const lineStart = source.lastIndexOf('\n', begin - 1) + 1;
  const lineEnd = source.indexOf('\n', begin);
  const one = text => text.replace(/\s+/g, ' ').trim();
  return {
    line: source.slice(0, begin).split('\n').length,
    was: one(found),
    becomes: one(becomes) || '(nothing)',
    around: one(source.slice(lineStart, lineEnd)),
  };
}
