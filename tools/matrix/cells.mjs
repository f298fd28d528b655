// What the library has to work with.

const NEST = ['11', '12'];
const PLATFORMS = ['express', 'fastify'];
const MODULES = ['esm', 'cjs'];
export const COMPILERS = {
  'ts 5.9': 'typescript@~5.9.0',
  'ts 6': 'typescript@^6.0.0',
  'ts 7': 'typescript@^7.0.0',
  swc: '@swc/core@^1.0.0',
};
const RUNTIMES = ['node 20', 'node 22', 'node 24', 'node 26'];
/** With one compiler only: what it emits is the same. */
const OTHER_RUNTIMES = ['bun 1', 'deno 2'];

/** The Node that runs this script. */
export const THIS_RUNTIME = `node ${process.versions.node.split('.')[0]}`;

const compiledWith = compiler => runtime =>
  NEST.flatMap(nest =>
    PLATFORMS.flatMap(platform =>
      MODULES.map(module => ({ nest, platform, module, compiler, runtime })),
    ),
  );

/** One of each column. */
export const everyCompiled = () => [
  ...Object.keys(COMPILERS).flatMap(compiler => RUNTIMES.flatMap(compiledWith(compiler))),
  ...OTHER_RUNTIMES.flatMap(compiledWith('ts 6')),
];

/** Each value of each column once, on the Node at hand: what a check of every change can afford. */
export const ciCompiled = () => [
  { nest: '11', platform: 'express', module: 'cjs', compiler: 'ts 5.9', runtime: THIS_RUNTIME },
  { nest: '11', platform: 'fastify', module: 'esm', compiler: 'swc', runtime: THIS_RUNTIME },
  { nest: '12', platform: 'express', module: 'esm', compiler: 'ts 7', runtime: THIS_RUNTIME },
  { nest: '12', platform: 'fastify', module: 'cjs', compiler: 'ts 6', runtime: THIS_RUNTIME },
];

export const nameOf = ({ nest, platform, module, compiler, runtime }) =>
  `nest ${nest}, ${platform}, ${module}, ${compiler}, ${runtime}`;
