import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { Awaitable } from '../common/awaitable.js';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';
import type { PathParams } from '../signature/path-params.js';
import type { SignatureVerifier } from '../signature/signature-verifier.js';

/** A request before its body is read. Nothing of it is authentic yet. */
export interface UnverifiedRequest {
  /** Name of the endpoint. */
  readonly endpoint: string;
  /** Address of the sender as the platform knows it: the proxy's, unless the app trusts the proxy. */
  readonly ip: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Values of the parameters in the endpoint's path, such as `:tenant` of a global prefix. */
  readonly params: PathParams;
}

/** Decides whether a request's body is read. */
export type Accept = (request: UnverifiedRequest) => Awaitable<boolean>;

export const DEFAULT_ENDPOINT = 'default';

/** One URL with its secrets. */
export interface Endpoint {
  readonly name: string;
  /** Path of the built-in controller, without leading slash; `false` for none. */
  readonly path: string | false;
  /** Bytes. */
  readonly bodyLimit: number;
  /** Whether any violation of the contract rejects a payload. */
  readonly strict: boolean;
  /** How long a body may take to arrive, in milliseconds. */
  readonly bodyTimeout: number;
  readonly accept?: Accept | undefined;
  readonly verifier: SignatureVerifier;
  /** How long closing the app waits for its handlers, in milliseconds. */
  readonly shutdownTimeout: number;
}

/** The endpoints of one app. */
@Injectable()
export class EndpointRegistry {
  private readonly endpoints = new Map<string, Endpoint>();

  /** @throws RevragConfigurationError for a name used twice, or paths that differ only in names or letter case */
  add(endpoint: Endpoint): void {
    const clash = this.clashWith(endpoint);
    if (clash !== undefined) {
      throw new RevragConfigurationError(
        `Two RevRag webhook endpoints have ${clash}. Give each import of RevragWebhookModule a ` +
          'different `name` and `path`.',
      );
    }
    this.endpoints.set(endpoint.name, endpoint);
  }

  private clashWith({ name, path }: Endpoint): string | undefined {
    if (this.has(name)) return `the name "${name}"`;
    if (path === false) return undefined;
    for (const { path: other } of this.list()) {
      if (other === path) return `the path "${path}"`;
      if (other === false || shapeOf(other) !== shapeOf(path)) continue;
      return `paths that differ only in names of parameters or letter case, "${other}" and "${path}"`;
    }
    return undefined;
  }

  /** @throws RevragConfigurationError for a name that no import of the module has */
  get(name: string): Endpoint {
    const endpoint = this.endpoints.get(name);
    if (endpoint) return endpoint;
    const known = this.list().map(other => `"${other.name}"`);
    const none =
      'none. Import RevragWebhookModule.forRoot(secret). Its options must not depend on a request-scoped provider: ' +
      'they are needed at boot';
    throw new RevragConfigurationError(
      `There is no RevRag webhook endpoint "${name}"; there is ${known.join(', ') || none}.`,
    );
  }

  /** Whether the endpoint's payloads are checked strictly; undefined for an endpoint of another process. */
  isStrict(name: string): boolean | undefined {
    return this.endpoints.get(name)?.strict;
  }

  has(name: string): boolean {
    return this.endpoints.has(name);
  }

  list(): readonly Endpoint[] {
    return [...this.endpoints.values()];
  }

  /** The names of endpoints that share a fixed secret with the first of their group. */
  sharingSecrets(): readonly (readonly string[])[] {
    const groups: Endpoint[][] = [];
    for (const endpoint of this.endpoints.values()) {
      const group = groups.find(([first]) => first?.verifier.sharesSecretWith(endpoint.verifier));
      if (group) group.push(endpoint);
      else groups.push([endpoint]);
    }
    return groups.filter(group => group.length > 1).map(group => group.map(({ name }) => name));
  }
}

/** What tells two paths apart: not the names of their parameters. Letter case tells none apart on Express. */
const shapeOf = (path: string): string => path.replace(/:\w+/g, ':').toLowerCase();
