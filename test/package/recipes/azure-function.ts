import { toAnswer } from 'nestjs-revrag-webhook';
import { webhook } from './webhook.js';

/** What is used of the `HttpRequest` of `@azure/functions`. */
interface FunctionRequest {
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

export async function revrag(request: FunctionRequest) {
  const rawBody = Buffer.from(await request.arrayBuffer());
  const outcome = await webhook.receive(rawBody, request.headers);
  const { statusCode, retryAfter, body } = toAnswer(outcome);
  const headers = retryAfter === undefined ? undefined : { 'retry-after': String(retryAfter) };
  return { status: statusCode, headers, jsonBody: body };
}
