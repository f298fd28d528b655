// Writes what each entry point exports, as emitted in its declarations, to api/<entry>.api.md: a change
// of the public surface is then a change of a file, to be seen in review.
//   npm run api          writes the reports
//   npm run check:api    fails where they are not up to date
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist/');
const folder = join(root, 'api');
const printer = ts.createPrinter({ removeComments: true });

/** The package's entry points: their name, and the file of their types. */
function entryPoints() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.entries(exports)
    .filter(([, target]) => target.types)
    .map(([path, { types }]) => ({
      name: path === '.' ? 'index' : path.slice(2),
      module: `nestjs-revrag-webhook${path.slice(1)}`,
      file: join(root, types),
    }));
}

/** The declarations as a build emits them, in memory. */
function emitDeclarations() {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.build.json'), ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(fileNames, { ...options, emitDeclarationOnly: true });
  const files = new Map();
  const { diagnostics } = program.emit(undefined, (path, text) => files.set(path, text));
  if (diagnostics.length > 0) throw new Error('the library does not compile');
  return { files, options };
}

function readDeclarations({ files, options }) {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, directoryExists } = host;
  host.fileExists = path => (path.startsWith(dist) ? files.has(path) : fileExists.call(host, path));
  host.readFile = path => files.get(path) ?? readFile.call(host, path);
  // Nothing of it need have been built.
  host.directoryExists = path => `${path}/`.startsWith(dist) || directoryExists.call(host, path);
  return ts.createProgram(
    [...files.keys()],
    { ...options, rootDir: undefined, noEmit: true },
    host,
  );
}

class Surface {
  constructor(program) {
    this.program = program;
    this.checker = program.getTypeChecker();
  }

  exportsOf(file) {
    const symbol = this.checker.getSymbolAtLocation(this.program.getSourceFile(file));
    return new Set(this.checker.getExportsOfModule(symbol).map(found => this.resolve(found)));
  }

  resolve(symbol) {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  /** The library's own names that a symbol's declarations mention, but for what Nest injects. */
  mentionedBy(symbol) {
    const found = new Set();
    const visit = node => {
      if (isPrivate(node) || ts.isConstructorDeclaration(node)) return;
      if (ts.isIdentifier(node)) {
        const target = this.checker.getSymbolAtLocation(node);
        if (target) found.add(this.resolve(target));
      }
      ts.forEachChild(node, visit);
    };
    declarationsOf(symbol).forEach(visit);
    return [...found].filter(mentioned => declarationsOf(mentioned).some(isTopLevel));
  }

  /** What is not exported, yet needed to say what is. */
  reachableFrom(symbols, known) {
    const reached = new Set();
    const queue = [...symbols];
    for (let symbol = queue.pop(); symbol; symbol = queue.pop()) {
      for (const mentioned of this.mentionedBy(symbol)) {
        if (known.has(mentioned) || reached.has(mentioned)) continue;
        reached.add(mentioned);
        queue.push(mentioned);
      }
    }
    return reached;
  }
}

const declarationsOf = symbol =>
  (symbol.declarations ?? []).filter(node => node.getSourceFile().fileName.startsWith(dist));

const isTopLevel = node =>
  ts.isSourceFile((ts.isVariableDeclaration(node) ? node.parent.parent : node).parent) &&
  !ts.isSourceFile(node);

const isPrivate = node =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);

function print(declaration) {
  const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const withoutPrivates = ts.transform(node, [
    context => top =>
      ts.visitEachChild(top, child => (isPrivate(child) ? undefined : child), context),
  ]);
  const [shown] = withoutPrivates.transformed;
  return printer.printNode(ts.EmitHint.Unspecified, shown, node.getSourceFile());
}

function section(symbols) {
  const texts = [...symbols]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(symbol => declarationsOf(symbol).map(print));
  return `\`\`\`ts\n${texts.join('\n\n')}\n\`\`\`\n`;
}

async function reports() {
  const entries = entryPoints();
  const surface = new Surface(readDeclarations(emitDeclarations()));
  const main = surface.exportsOf(entries[0].file);
  const options = await resolveConfig(join(root, 'package.json'));
  const written = entries.map(async ({ name, module, file }) => {
    const exported = surface.exportsOf(file);
    const known = new Set([...exported, ...main]);
    const reachable = surface.reachableFrom(exported, known);
    const text =
      `# ${module}\n\nWritten by \`npm run api\` from the emitted declarations.\n\n${section(exported)}` +
      (reachable.size > 0
        ? `\nNot exported, but mentioned by what is:\n\n${section(reachable)}`
        : '');
    return [`${name}.api.md`, await format(text, { ...options, parser: 'markdown' })];
  });
  return new Map(await Promise.all(written));
}

const isCheck = process.argv.includes('--check');
const current = await reports();
if (!isCheck) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, text] of current) writeFileSync(join(folder, name), text);
}
const stale = existsSync(folder) ? readdirSync(folder).filter(name => !current.has(name)) : [];
for (const [name, text] of current) {
  const path = join(folder, name);
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) stale.push(name);
}
if (stale.length > 0) {
  console.error(`The public surface is not what these say: ${stale.map(name => `api/${name}`)}`);
  console.error('If that is meant: npm run api, and commit what it writes.');
  process.exitCode = 1;
} else {
  console.log(`${current.size} entry points are as api/ says`);
}
