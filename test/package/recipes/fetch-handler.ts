import { toAnswer } from 'nestjs-revrag-webhook';
import { webhook } from './webhook.js';

export async function POST(request: Request): Promise<Response> {
  const rawBody = Buffer.from(await request.arrayBuffer());
  const outcome = await webhook.receive(rawBody, request.headers);
  const { statusCode, retryAfter, body } = toAnswer(outcome);
  const headers = retryAfter === undefined ? undefined : { 'retry-after': String(retryAfter) };
  return Response.json(body, { status: statusCode, headers });
}
