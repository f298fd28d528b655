import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const textOf = node => {
  if (node.type === 'StringLiteral') return node.value;
  if (node.type === 'TemplateLiteral') return node.quasis.map(quasi => quasi.value.raw).join('…');
  return '';
};

/** Leaves out text for readers: the wording of a message is reviewed, not asserted. */
const prose = {
  shouldIgnore: ({ node }) => (/\S \S|\.$/.test(textOf(node)) ? 'text for readers' : undefined),
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'prose', prose)];
