// Compiles every block of TypeScript of README.md and docs/, each as a file of its own, against the
// library's sources and with the options of a sample, as its reader would. None is left out: a fragment names a frame that it
// is put into (tools/docs/frames.mjs), in a comment that Markdown does not show.
//   npm run check:docs
//   npm run check:docs -- some.md     these files only
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { blocksOf } from './docs/blocks.mjs';
import { frames } from './docs/frames.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

function documents() {
  const given = process.argv.slice(2);
  if (given.length > 0) return given.map(path => resolve(path));
  const guides = readdirSync(join(root, 'docs'), { recursive: true })
    .filter(name => name.endsWith('.md'))
    .sort()
    .map(name => join(root, 'docs', name));
  return [join(root, 'README.md'), ...guides];
}

/** The files to compile, by a path that does not exist: beside the project's, so that packages are found. */
function sourcesOf(path, index) {
  const folder = join(root, '.check-docs', String(index));
  return blocksOf(readFileSync(path, 'utf8')).map(({ line, code, file, frame }, number) => {
    const text = frame === undefined ? 'BLOCK' : frames[frame];
    if (text === undefined) throw new Error(`line ${line}: there is no frame named ${frame}`);
    const [before, after] = text.split('BLOCK');
    return {
      path: join(folder, file ?? `block-${number + 1}.ts`),
      text: `${before}${code}${after}\n${frame ? '' : 'export {};\n'}`,
      document: relative(root, path),
      // Of the file's first line, in the document.
      line: line - before.split('\n').length + 1,
    };
  });
}

function optionsOf(path) {
  const { config } = ts.readConfigFile(join(root, path), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, root).options;
}

function compile(sources) {
  const options = {
    ...optionsOf('sample/01-basic/tsconfig.json'),
    paths: optionsOf('tsconfig.json').paths,
    rootDir: root,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, directoryExists } = host;
  const folders = new Set([...sources.keys()].map(path => dirname(path)));
  host.fileExists = path => sources.has(path) || fileExists(path);
  host.readFile = path => sources.get(path)?.text ?? readFile(path);
  host.directoryExists = path => folders.has(path) || directoryExists(path);
  const program = ts.createProgram([...sources.keys()], options, host);
  const ofFiles = [...sources.keys()].flatMap(path => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  });
  return [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics(), ...ofFiles];
}

function print({ file, start, messageText }, sources) {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  const source = file && sources.get(file.fileName);
  if (!source) return console.error(message);
  const { line } = file.getLineAndCharacterOfPosition(start);
  console.error(`${source.document}:${line + source.line} ${message}`);
}

const sources = new Map();
let documentsWithCode = 0;
for (const [index, path] of documents().entries()) {
  try {
    const found = sourcesOf(path, index);
    if (found.length > 0) documentsWithCode += 1;
    for (const source of found) {
      if (sources.has(source.path)) throw new Error(`line ${source.line}: its name is taken`);
      sources.set(source.path, source);
    }
  } catch (error) {
    console.error(`${relative(root, path)}, ${error.message}`);
    process.exitCode = 1;
  }
}
const diagnostics = compile(sources);
for (const diagnostic of diagnostics) print(diagnostic, sources);
if (diagnostics.length > 0 || sources.size === 0) process.exitCode = 1;
console.log(
  `${sources.size} blocks of ${documentsWithCode} documents, ${diagnostics.length} errors`,
);
