import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ENDPOINT_METADATA } from './endpoint-metadata.js';
import { DEFAULT_ENDPOINT, EndpointRegistry } from '../delivery/endpoint-registry.js';
import { rawBodyOf, stateOf, type WebhookRequest } from './request.js';

/**
 * Lets a request pass if its signature matches a secret of the endpoint that `@RevragEndpoint(name)`
 * names, or of the default one. What it verified is read with `@RevragDelivery()`.
 *
 * @throws RevragSignatureError (401) for what is not authentic
 * @throws RevragBodyError `raw_body_missing` (500) where a body parser took the signed bytes
 */
@Injectable()
export class RevragSignatureGuard implements CanActivate {
  constructor(
    private readonly endpoints: EndpointRegistry,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const name = this.reflector.getAllAndOverride<string | undefined>(ENDPOINT_METADATA, [
      context.getHandler(),
      context.getClass(),
    ]);
    const { verifier } = this.endpoints.get(name ?? DEFAULT_ENDPOINT);
    const request = context.switchToHttp().getRequest<WebhookRequest>();
    const head = verifier.readHead(request.headers);
    stateOf(request).delivery = await verifier.verifyBody(head, rawBodyOf(request));
    return true;
  }
}
