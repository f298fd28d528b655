const LIMIT = 6 * 1024 * 1024;

/** The HTTP platform of a Nest app, with a body limit that lets the largest event through. */
export async function platform(name = 'express', options = {}) {
  if (name === 'express') {
    return { options, configure: app => app.useBodyParser('json', { limit: LIMIT }) };
  }
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return { options, adapter: new FastifyAdapter({ bodyLimit: LIMIT }) };
}
