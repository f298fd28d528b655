// What the library has to work with. A cell is one of each.

export const NEST = ['11', '12'];
export const PLATFORMS = ['express', 'fastify'];
export const MODULES = ['esm', 'cjs'];
export const COMPILERS = {
  'ts 5.9': 'typescript@~5.9.0',
  'ts 6': 'typescript@^6.0.0',
  'ts 7': 'typescript@^7.0.0',
  swc: '@swc/core@^1.0.0',
};
export const NODES = ['20', '22', '24'];

/** The Node that runs this script. */
export const THIS_NODE = process.versions.node.split('.')[0];

export const everyCell = () =>
  NEST.flatMap(nest =>
    PLATFORMS.flatMap(platform =>
      MODULES.flatMap(module =>
        Object.keys(COMPILERS).flatMap(compiler =>
          NODES.map(node => ({ nest, platform, module, compiler, node })),
        ),
      ),
    ),
  );

/** Each value of each column once, on the Node at hand: what a check of every change can afford. */
export const ciCells = () => [
  { nest: '11', platform: 'express', module: 'cjs', compiler: 'ts 5.9', node: THIS_NODE },
  { nest: '11', platform: 'fastify', module: 'esm', compiler: 'swc', node: THIS_NODE },
  { nest: '12', platform: 'express', module: 'esm', compiler: 'ts 7', node: THIS_NODE },
  { nest: '12', platform: 'fastify', module: 'cjs', compiler: 'ts 6', node: THIS_NODE },
];

export const nameOf = ({ nest, platform, module, compiler, node }) =>
  `nest ${nest}, ${platform}, ${module}, ${compiler}, node ${node}`;
