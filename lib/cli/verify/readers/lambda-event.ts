import type { Capture, CaptureReader } from '../capture-reader.js';
import type { CapturedRequest } from '../captured-request.js';
import { headersOf, isObject, member, timeOf, type Json } from '../json-parts.js';

/** An event of AWS Lambda: from API Gateway (v1, v2), a function URL, or a load balancer. */
export const lambdaEvent: CaptureReader = {
  name: 'an event of API Gateway or of a load balancer (ALB)',
  read({ json }: Capture): readonly CapturedRequest[] {
    return json.filter(isEvent).map(toRequest);
  },
};

const isEvent = (value: unknown): value is Json =>
  isObject(value) &&
  isObject(value['requestContext']) &&
  (isObject(value['headers']) || isObject(value['multiValueHeaders']));

function toRequest(event: Json): CapturedRequest {
  const { body, isBase64Encoded, requestContext } = event;
  const text = typeof body === 'string' ? body : '';
  return {
    // Lists have each value of a header; where they are set up, a load balancer sends nothing else.
    headers: headersOf(event['multiValueHeaders']) ?? headersOf(event['headers']) ?? {},
    body: Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8'),
    ...timeOf(member(requestContext, 'requestTimeEpoch') ?? member(requestContext, 'timeEpoch')),
  };
}
