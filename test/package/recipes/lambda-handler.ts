import { toAnswer } from 'nestjs-revrag-webhook';
import { webhook } from './webhook.js';

type Values<Value> = Readonly<Record<string, Value | undefined>>;

/** What API Gateway (REST and HTTP APIs), function URLs and load balancers have in common. */
interface HttpEvent {
  readonly headers?: Values<string> | null;
  /** In place of `headers`, from a load balancer whose target group has multi-value headers on. */
  readonly multiValueHeaders?: Values<readonly string[]> | null;
  readonly body?: string | null;
  readonly isBase64Encoded: boolean;
}

export async function handler(event: HttpEvent) {
  const rawBody = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  const outcome = await webhook.receive(rawBody, event.headers ?? event.multiValueHeaders ?? {});
  const { statusCode, retryAfter, body } = toAnswer(outcome);
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter);
  const response = { statusCode, body: JSON.stringify(body) };
  if (event.headers || !event.multiValueHeaders) return { ...response, headers };
  // Such a load balancer reads the headers of a response in this form only.
  const lists = Object.entries(headers).map(([name, value]) => [name, [value]] as const);
  return { ...response, multiValueHeaders: Object.fromEntries(lists) };
}
