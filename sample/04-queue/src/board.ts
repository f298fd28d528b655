import { createHash, timingSafeEqual } from 'node:crypto';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { AppViewRoute } from '@bull-board/api/typings/app';
import { ExpressAdapter } from '@bull-board/express';
import type { Queue } from 'bullmq';
import type { NextFunction, Request, Response } from 'express';

/** Shows jobs without their payload: a transcript is personal data. */
export class QueueAdapter extends BullMQAdapter {
  constructor(queue: Queue) {
    super(queue, { description: 'Calls that have ended' });
    this.setFormatter('data', (data: { body?: string }) =>
      data.body === undefined ? data : { ...data, body: `${data.body.length} characters` },
    );
  }
}

/** The board's page loads fonts from another host, which would learn who opens it and from where. */
const FROM_OTHER_HOSTS = /<link[^>]+href="https?:[^>]*>/g;

/** Serves the board's page without its links to other hosts. */
export class BoardServer extends ExpressAdapter {
  override setEntryRoute(entry: AppViewRoute): this {
    this.app[entry.method](
      entry.route,
      (_request: Request, response: Response, next: NextFunction) => {
        const { name, params } = entry.handler({
          basePath: this.basePath,
          uiConfig: this.uiConfig,
        });
        response.render(name, params, (error: Error | null, page?: string) => {
          if (page === undefined) return next(error);
          response.send(page.replace(FROM_OTHER_HOSTS, ''));
        });
      },
    );
    return this;
  }
}

/**
 * Lets nobody see or retry jobs without the password (HTTP Basic, any user name). The board is plain
 * middleware, which the app's own guards don't reach.
 */
export function boardGuard(password: string | undefined) {
  if (!password) throw new Error('BOARD_PASSWORD is not set');
  const expected = digest(password);
  return (request: Request, response: Response, next: NextFunction): void => {
    const [scheme, encoded = ''] = (request.headers.authorization ?? '').split(' ');
    const credentials = Buffer.from(encoded, 'base64').toString();
    const given = digest(credentials.slice(credentials.indexOf(':') + 1));
    if (scheme === 'Basic' && timingSafeEqual(given, expected)) return next();
    response.setHeader('WWW-Authenticate', 'Basic realm="queues"');
    response.status(401).end();
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
