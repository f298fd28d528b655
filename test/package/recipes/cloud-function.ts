import type { IncomingHttpHeaders } from 'node:http';
import { toAnswer } from 'nestjs-revrag-webhook';
import { webhook } from './webhook.js';

/** What the Functions Framework gives beside Express's request: the bytes, before it parsed them. */
interface FunctionRequest {
  readonly headers: IncomingHttpHeaders;
  readonly rawBody?: Buffer;
}

interface FunctionResponse {
  status(code: number): this;
  set(name: string, value: string): this;
  json(body: object): unknown;
}

export async function revrag(request: FunctionRequest, response: FunctionResponse) {
  const outcome = await webhook.receive(request.rawBody ?? Buffer.alloc(0), request.headers);
  const { statusCode, retryAfter, body } = toAnswer(outcome);
  if (retryAfter !== undefined) response.set('retry-after', String(retryAfter));
  response.status(statusCode).json(body);
}
