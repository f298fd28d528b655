import { Controller, Post, type ModuleMetadata } from '@nestjs/common';
import { ApiExcludeController, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { RevragEndpoint, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { ApiRevragWebhook } from 'nestjs-revrag-webhook/swagger';
import { describe, expect, it } from 'vitest';
import { SECRET, startApp } from '../support/app.js';
import { SAMPLE } from '../support/sample.js';
import { PATH, deliver, genuine } from '../support/send.js';

async function documentOf(metadata: ModuleMetadata) {
  const { app, url } = await startApp(metadata);
  const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
  return { document, url };
}

const endpoint = (decorators: ClassDecorator[]) =>
  RevragWebhookModule.forRoot({ secret: SECRET, decorators });

describe('the OpenAPI document', () => {
  it('has headers, body and answers of the endpoint', async () => {
    const { document, url } = await documentOf({ imports: [endpoint([ApiRevragWebhook()])] });
    const operation = document.paths[PATH]!.post!;
    expect(operation.parameters).toEqual(
      ['Event', 'Timestamp', 'Signature', 'ID'].map(
        name =>
          expect.objectContaining({
            name: `X-Webhook-${name}`,
            in: 'header',
            required: true,
          }) as unknown,
      ),
    );
    expect(operation.requestBody).toMatchObject({
      required: true,
      content: {
        'application/json': {
          schema: { $ref: '#/components/schemas/CallEnded' },
        },
      },
    });
    const model = document.components!.schemas!.CallEnded as {
      required: string[];
      properties: Record<string, object>;
    };
    expect(model.required).toEqual(['call_status', 'call_id', 'agent_id']);
    expect(Object.keys(model.properties)).toEqual(
      Object.keys(JSON.parse(SAMPLE.toString()) as object),
    );
    expect(model.properties).toMatchObject({
      call_id: { type: 'string', minLength: 1 },
      end_time: { type: 'string', nullable: true, example: expect.any(String) as string },
      duration: { type: 'number', nullable: true, description: 'Seconds.' },
      transcription: {
        type: 'object',
        nullable: true,
        properties: {
          messages: { type: 'array', items: { required: ['role', 'content'] } },
        },
      },
      custom_variables: { type: 'array', items: { required: ['key'] } },
      variables_fields: { type: 'object', additionalProperties: true },
    });
    expect(Object.keys(operation.responses)).toEqual(
      [200, 202, 400, 401, 403, 404, 408, 409, 413, 415, 500, 503].map(String),
    );
    expect(operation.responses[401]).toMatchObject({
      content: {
        'application/json': {
          schema: {
            properties: {
              code: { enum: expect.arrayContaining(['signature_mismatch']) as unknown },
            },
          },
        },
      },
    });
    expect(operation.responses[503]).toMatchObject({
      content: {
        'application/json': {
          schema: {
            properties: {
              code: {
                enum: ['store_unavailable', 'secret_unavailable', 'shutting_down', 'overloaded'],
              },
            },
          },
        },
      },
    });
    expect(await deliver(url)).toMatchObject({ status: 200 });
  });

  it('has each answer as it is given', async () => {
    const { document } = await documentOf({ imports: [endpoint([ApiRevragWebhook()])] });
    const { responses, summary, description } = document.paths[PATH]!.post!;
    expect(summary).toBe('Receive a webhook of RevRag');
    expect(description).toContain('HMAC-SHA256');
    const text = { type: 'string' };
    const answer = (schema: object, headers?: object) => ({
      description: expect.stringMatching(/^[A-Z].*\.$/) as unknown,
      ...(headers && { headers }),
      content: { 'application/json': { schema: { type: 'object', ...schema } } },
    });
    const accepted = (...statuses: string[]) =>
      answer({
        required: ['status', 'id'],
        properties: {
          status: { ...text, enum: statuses },
          id: { ...text, description: 'X-Webhook-ID as sent.' },
        },
      });
    const rejected = (status: number, codes: string[], more: object = {}, headers?: object) => {
      const properties = {
        statusCode: { type: 'integer', enum: [status] },
        code: { ...text, enum: codes },
        message: text,
        ...more,
      };
      return answer({ required: ['statusCode', 'code', 'message'], properties }, headers);
    };
    const violation = { type: 'object', properties: { path: text, message: text } };
    const retryAfter = {
      'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } },
    };
    const unavailable = ['store_unavailable', 'secret_unavailable', 'shutting_down', 'overloaded'];
    const unauthentic = [
      'missing_header',
      'malformed_header',
      'timestamp_out_of_tolerance',
      'signature_mismatch',
    ];
    expect(responses).toEqual({
      200: accepted('processed', 'duplicate', 'ignored', 'abandoned'),
      202: accepted('queued'),
      400: rejected(400, ['malformed_json', 'invalid_payload'], {
        violations: { type: 'array', items: violation },
      }),
      401: rejected(401, unauthentic),
      403: rejected(403, ['not_accepted']),
      404: rejected(404, ['unknown_endpoint']),
      408: rejected(408, ['body_timeout']),
      409: rejected(409, ['in_progress'], {}, retryAfter),
      413: rejected(413, ['body_too_large']),
      415: rejected(415, ['unsupported_encoding']),
      500: rejected(500, ['handler_failed', 'raw_body_missing', 'internal_error']),
      503: rejected(503, unavailable, {}, retryAfter),
    });
  });

  it('has headers as they are sent', async () => {
    const { document } = await documentOf({ imports: [endpoint([ApiRevragWebhook()])] });
    const { headers } = genuine();
    const parameters = document.paths[PATH]!.post!.parameters as {
      name: string;
      description: string;
      schema: { type: string; example: string; pattern?: string };
    }[];
    for (const { name, description, schema } of parameters) {
      expect(description).toMatch(/^[A-Z].*\.$/);
      expect(schema.type).toBe('string');
      const inForm = (value: string) =>
        value.replaceAll(/[0-9a-f]+/g, digits => `${digits.length}`);
      if (name === 'X-Webhook-ID') expect(schema.example).toMatch(/^evt_\w+$/);
      else expect(inForm(schema.example)).toBe(inForm(headers[name.toLowerCase() as never]));
      if (schema.pattern) expect(schema.example).toMatch(new RegExp(schema.pattern));
    }
    expect(parameters.filter(({ schema }) => schema.pattern)).toHaveLength(1);
  });

  it('has a body with the types of its fields, and an example that fits', async () => {
    const { document } = await documentOf({ imports: [endpoint([ApiRevragWebhook()])] });
    const { properties } = document.components!.schemas!.CallEnded as {
      properties: Record<string, { description: string }>;
    };
    const described = expect.stringMatching(/^[A-Z].*\.$/) as unknown;
    const text = { type: 'string', description: described };
    const optional = { nullable: true, description: described };
    for (const { description } of Object.values(properties)) expect(description).toEqual(described);
    expect(properties.call_id).toEqual({ ...text, minLength: 1 });
    expect(properties.summary).toEqual({ ...text, ...optional });
    expect(properties.transcription).toEqual({
      ...optional,
      type: 'object',
      additionalProperties: true,
      properties: {
        messages: {
          type: 'array',
          items: {
            type: 'object',
            required: ['role', 'content'],
            properties: { role: { ...text, example: 'assistant' }, content: text },
          },
        },
      },
    });
    expect(properties.custom_variables).toEqual({
      ...optional,
      type: 'array',
      items: {
        type: 'object',
        required: ['key'],
        properties: {
          key: { ...text, minLength: 1 },
          type: { ...text, nullable: true },
          value: { description: described },
        },
      },
    });
  });

  it('tells several endpoints apart', async () => {
    const sales = { secret: SECRET, name: 'sales', path: 'hooks/sales' };
    const { document } = await documentOf({
      imports: [endpoint([ApiRevragWebhook()]), RevragWebhookModule.forRoot(sales)],
    });
    expect(document.paths['/hooks/sales']!.post!.parameters).toEqual([]);
    const ids = Object.values(document.paths).map(path => path.post!.operationId);
    expect(new Set(ids).size).toBe(2);
  });

  it('leaves the endpoint out where it is told to', async () => {
    const { document, url } = await documentOf({ imports: [endpoint([ApiExcludeController()])] });
    expect(document.paths).toEqual({});
    expect(await deliver(url)).toMatchObject({ status: 200 });
  });

  it('has controllers of one’s own, by class or by method', async () => {
    @Controller('one')
    @ApiRevragWebhook()
    class One {
      @Post()
      @RevragEndpoint()
      receive() {
        return {};
      }
      @Post('other')
      other() {
        return {};
      }
    }
    @Controller('two')
    class Two {
      @Post()
      @RevragEndpoint()
      @ApiRevragWebhook()
      receive() {
        return {};
      }
    }
    const { document } = await documentOf({
      imports: [RevragWebhookModule.forRoot({ secret: SECRET, path: false })],
      controllers: [One, Two],
    });
    expect(document.paths['/one']!.post!.parameters).toHaveLength(4);
    expect(document.paths['/two']!.post!.parameters).toHaveLength(4);
    expect(document.paths['/one/other']!.post!.parameters).toEqual([]);
  });

  it('of an app that was not told has the bare route', async () => {
    const { document } = await documentOf({ imports: [endpoint([])] });
    expect(document.paths[PATH]!.post!.parameters).toEqual([]);
  });
});
