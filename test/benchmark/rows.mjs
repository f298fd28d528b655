const SMALL = ['0.8 kB'];

const server = file => `../servers/${file}.mjs`;

/**
 * The servers that are compared. `turns`: those with the same word take turns, and only they are held against
 * one another; `sizes`: at which sizes, where not at all; `quick`: also in a quick run, at all sizes or at
 * these; `needs`: the server that it shares its core with, so that the load generator sleeps while it waits
 * (`sleeps`). The path is the same for all; the scheme is the format in which requests to it are signed.
 */
export const ROWS = [
  {
    id: 'floor',
    turns: 'others',
    label: 'node:http, verify + JSON.parse (the floor)',
    file: server('floor'),
    quick: true,
  },
  {
    id: 'plain',
    turns: 'express',
    label: 'Nest / Express, plain JSON route, verifies nothing',
    file: server('nest-plain'),
    verifies: false,
    quick: true,
  },
  {
    id: 'middleware',
    turns: 'express',
    label: 'Nest / Express, early middleware of one’s own',
    file: server('nest-middleware'),
  },
  {
    id: 'guard',
    turns: 'express',
    label: 'Nest / Express, rawBody + hand-written guard',
    file: server('nest-handwritten'),
    args: ['express'],
  },
  {
    id: 'dto',
    turns: 'express',
    label: 'the same + ValidationPipe with nested DTO',
    file: server('nest-handwritten'),
    args: ['express', 'validate'],
    quick: true,
  },
  {
    id: 'golevelup',
    turns: 'express',
    label: '@golevelup/nestjs-stripe',
    file: server('golevelup-stripe'),
    scheme: 'stripe',
    path: '/webhooks/revrag/webhook',
    quick: true,
  },
  {
    id: 'stripe',
    turns: 'others',
    label: 'stripe constructEvent in a Nest controller',
    file: server('stripe-nest'),
    scheme: 'stripe',
  },
  {
    id: 'svix',
    turns: 'others',
    label: 'svix in Express 5',
    file: server('standard-express'),
    args: ['svix'],
    scheme: 'standard',
  },
  {
    id: 'standardwebhooks',
    turns: 'others',
    label: 'standardwebhooks in Express 5',
    file: server('standard-express'),
    args: ['standardwebhooks'],
    scheme: 'standard',
  },
  {
    id: 'ours',
    turns: 'express',
    label: '**nestjs-revrag-webhook** / Express',
    file: server('revrag'),
    args: ['express'],
    quick: true,
  },
  {
    id: 'memory',
    turns: 'shared',
    label: '**nestjs-revrag-webhook** / Express, load generator as with a shared store',
    file: server('revrag'),
    args: ['express'],
    sleeps: true,
    sizes: SMALL,
    quick: SMALL,
  },
  {
    id: 'redis',
    turns: 'shared',
    label: '**nestjs-revrag-webhook** / Express, Redis store',
    file: server('revrag'),
    args: ['express', '1', 'redis'],
    needs: 'redis',
    quick: SMALL,
  },
  {
    id: 'postgres',
    turns: 'shared',
    label: '**nestjs-revrag-webhook** / Express, PostgreSQL store',
    file: server('revrag'),
    args: ['express', '1', 'postgres'],
    needs: 'postgres',
    sizes: SMALL,
    quick: SMALL,
  },
  {
    id: 'queue-plain',
    turns: 'shared',
    label: 'Nest / Express, plain JSON route, `queue.add`, 202',
    file: server('nest-queue'),
    verifies: false,
    needs: 'redis',
    sizes: SMALL,
    quick: SMALL,
  },
  {
    id: 'queue-ours',
    turns: 'shared',
    label: '**nestjs-revrag-webhook** / Express, queue, 202',
    file: server('revrag'),
    args: ['express', '1', 'queue'],
    needs: 'redis',
    sizes: SMALL,
    quick: SMALL,
  },
  {
    id: 'queue-postgres',
    turns: 'shared',
    label: '**nestjs-revrag-webhook** / Express, queue on PostgreSQL, 202',
    file: server('revrag'),
    args: ['express', '1', 'queue-postgres'],
    needs: 'postgres',
    sizes: SMALL,
    quick: SMALL,
  },
  {
    id: 'fastify-plain',
    turns: 'fastify',
    label: 'Nest / Fastify, plain JSON route, verifies nothing',
    file: server('nest-plain'),
    args: ['fastify'],
    verifies: false,
    quick: SMALL,
  },
  {
    id: 'fastify-guard',
    turns: 'fastify',
    label: 'Nest / Fastify, rawBody + hand-written guard',
    file: server('nest-handwritten'),
    args: ['fastify'],
  },
  {
    id: 'fastify-dto',
    turns: 'fastify',
    label: 'Nest / Fastify, guard + ValidationPipe',
    file: server('nest-handwritten'),
    args: ['fastify', 'validate'],
  },
  {
    id: 'fastify-ours',
    turns: 'fastify',
    label: '**nestjs-revrag-webhook** / Fastify',
    file: server('revrag'),
    args: ['fastify'],
    quick: SMALL,
  },
].map(row => ({
  args: [],
  scheme: 'revrag',
  path: '/webhooks/revrag',
  verifies: true,
  sleeps: row.needs !== undefined,
  ...row,
}));

export const row = id => ROWS.find(one => one.id === id);

/** The rows to measure at a size: of a quick run, or those with the given ids. */
export const rowsAt = (label, { quick, ids }) =>
  ROWS.filter(one => {
    const isAt = where => where === true || Boolean(where?.includes(label));
    if (!isAt(one.sizes ?? true)) return false;
    return ids ? ids.includes(one.id) : !quick || isAt(one.quick);
  });
