import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const LIB = join(ROOT, 'lib');

/** A source file of `lib`, by its path in there. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Packages and Node modules, as imported. */
  readonly packages: readonly string[];
  /** Files of `lib`, by their path in there. */
  readonly files: readonly string[];
}

export function readSources(): SourceFile[] {
  return readdirSync(LIB, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts'))
    .map(readSource);
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(LIB, path), 'utf8');
  const imported = ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName);
  const isRelative = (name: string) => name.startsWith('.');
  return {
    path,
    text,
    packages: imported.filter(name => !isRelative(name)),
    files: imported
      .filter(isRelative)
      .map(name => normalize(join(dirname(path), name)).replace(/\.js$/, '.ts')),
  };
}

/** The declarations that the build would publish, by their path in `dist`. */
export function emitDeclarations(): Map<string, string> {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(ROOT, 'tsconfig.build.json'),
    { emitDeclarationOnly: true },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  );
  if (!config) throw new Error('tsconfig.build.json can not be read');
  const declarations = new Map<string, string>();
  const program = ts.createProgram(config.fileNames, config.options);
  program.emit(undefined, (file, text) => {
    declarations.set(relative(join(ROOT, 'dist'), file), text);
  });
  return declarations;
}
