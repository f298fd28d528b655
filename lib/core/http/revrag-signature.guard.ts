import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { DEFAULT_ENDPOINT, EndpointRegistry } from '../delivery/endpoint-registry.js';
import { endpointMarkOfHandler } from './endpoint-metadata.js';
import { stateOf, takeBody, type WebhookRequest } from './request.js';

/**
 * Lets a request pass if its signature matches a secret of the endpoint that `@RevragEndpoint(name)` names, else
 * of the default one. `@RevragDelivery()` gives the verified delivery.
 *
 * @throws RevragSignatureError (401) if the request is not authentic
 * @throws RevragUnknownEndpointError (404), RevragUnavailableError `secret_unavailable` (503) if there is no secret
 * @throws RevragBodyError `raw_body_missing` (500) if a body parser has consumed the signed bytes
 */
@Injectable()
export class RevragSignatureGuard implements CanActivate {
  constructor(private readonly endpoints: EndpointRegistry) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const prototype = context.getClass().prototype as object;
    const mark = endpointMarkOfHandler(prototype, context.getHandler());
    const { verifier } = this.endpoints.get(mark?.endpoint ?? DEFAULT_ENDPOINT);
    const request = context.switchToHttp().getRequest<WebhookRequest>();
    const state = stateOf(request);
    const head = verifier.readHead(request.headers, undefined, state.params);
    state.delivery = await verifier.verifyBody(head, takeBody(request, state));
    state.share?.release();
    return true;
  }
}
