import express from 'express';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { PathPattern } from '../../../../lib/core/http/path-pattern.js';

const PATHS = [
  '/',
  '/api',
  '/api/',
  '/API/hooks',
  '/api/hooks/',
  '/api/hooks//',
  '/api/hooks/7',
  '/api/acme/hooks',
  '/api/a%20b/hooks',
  '/api/a/b/hooks',
  '/t-acme/hooks',
  '/t-/hooks',
  '/v1.0/hooks',
  '/v1x0/hooks',
  '/files/a/b.txt',
  '/files',
  '/files/',
  '/x.y/hooks',
];

describe('a path', () => {
  it.each([
    '/',
    '/api//',
    '/api/hooks',
    '/api/:tenant/hooks',
    '/:tenant/hooks/:id',
    '/:tenant/*rest',
    '/api{/:tenant}/hooks',
    '/api{/:tenant}',
    '/t-:tenant/hooks',
    '/v1.0/hooks',
    '/files/*rest',
    '/files{/*rest}',
    '/:name.y/hooks',
  ])('%s matches what Express matches, with the same values [pitfall 48]', async pattern => {
    const app = express();
    let params: unknown;
    app.post(pattern, (request, response) => {
      params = request.params;
      response.end();
    });
    const server = createServer(app);
    await new Promise<void>(resolve => server.listen(0, resolve));
    const { port } = server.address() as AddressInfo;
    const own = PathPattern.of(pattern)!;
    for (const path of PATHS) {
      params = undefined;
      await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST' });
      const joined = Object.entries((params ?? {}) as Record<string, string | string[]>).map(
        ([name, value]) => [name, [value].flat().join('/')],
      );
      const expected = params && (Object.fromEntries(joined) as object);
      expect(own.match(path), `${pattern} ${path}`).toEqual(expected);
    }
    server.close();
  });

  it('that can’t be decoded keeps its value as it came', () => {
    expect(PathPattern.of('/:tenant/hooks')!.match('/%zz/hooks')).toEqual({ tenant: '%zz' });
  });

  it('may have a parameter of any name', () => {
    expect(PathPattern.of('/:__proto__')!.match('/a')).toHaveProperty('__proto__', 'a');
  });

  it.each([
    '/:a-:b',
    '/:a:b',
    '/*a/*b',
    '/(.*)',
    '/a?',
    '/a+',
    '/:id(\\d+)',
    '/a{b',
    '/a}b',
    '/:',
    '/*',
    '/[a]',
  ])('%s is not matched', pattern => {
    expect(PathPattern.of(pattern)).toBeUndefined();
  });

  it('is literal without parameters and groups', () => {
    const literal = (path: string) => PathPattern.of(path)!.literal;
    expect(['/A/b', '/a\\:b', '/', '/:a', '/a{b}', '/*a'].map(literal)).toEqual([
      '/a/b',
      '/a:b',
      '',
      undefined,
      undefined,
      undefined,
    ]);
  });
});
