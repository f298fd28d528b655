import type { SignedDelivery } from 'nestjs-revrag-webhook/testing';

/** A capture of a delivery whose body is compact JSON, as a tool writes it. */
type Write = (delivery: SignedDelivery<object>) => string | Buffer;

const lines = (headers: object, mark = '') =>
  Object.entries(headers).map(([name, value]) => `${mark}${name}: ${value}`);
const lists = (headers: object) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
const capitals = (headers: object) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.replace(/(?:^|-)[a-z]/g, unit => unit.toUpperCase()),
      value as string,
    ]),
  );
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

const raw: Write = ({ headers, body }) =>
  ['POST /webhooks/revrag HTTP/1.1', 'Host: a.example', ...lines(headers), '', body].join('\r\n');

/** As Chrome escapes for bash: plain where it can, else with `$'…'`. */
const bash = (text: string) =>
  /[^\x20-\x7e]|'/.test(text)
    ? `$'${text.replace(/[\\']/g, '\\$&').replace(/[^\x20-\x7e]|!/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`
    : `'${text}'`;

/** As Chrome escapes for cmd. */
const cmd = (text: string) =>
  `^"${text
    .replace(/\\/g, '\\\\')
    .replace(/"/g, '\\"')
    .replace(/[^a-zA-Z0-9\s_\-:=+~'/.',?;()*`]/gu, '^$&')
    .replace(/\r?\n/g, '^\n\n')}^"`;

/** As Chrome escapes for PowerShell. */
const powershell = (text: string) =>
  `"${text
    .replace(/[`$"]/g, '`$&')
    .replace(/[^\x20-\x7e]/g, unit => `$([char]${unit.charCodeAt(0)})`)}"`;

const lambdaV1 = ({ headers, body }: SignedDelivery<object>, isBase64Encoded: boolean) => ({
  resource: '/{proxy+}',
  path: '/webhooks/revrag',
  httpMethod: 'POST',
  headers: capitals(headers),
  multiValueHeaders: lists(capitals(headers)),
  queryStringParameters: null,
  requestContext: { stage: 'prod', requestTimeEpoch: 1_780_315_200_500, identity: {} },
  body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
  isBase64Encoded,
});

/** Name of the form as `verify` gives it, and captures of that form. */
export const CAPTURES: readonly (readonly [what: string, name: string, write: Write])[] = [
  ['raw HTTP', 'raw HTTP', raw],
  [
    'raw HTTP with the answer behind it',
    'raw HTTP',
    ({ headers, body }) =>
      [
        'POST / HTTP/1.1',
        ...lines({ ...headers, 'content-length': Buffer.byteLength(body) }),
        '',
        body,
        '',
        'HTTP/1.1 401 Unauthorized',
        '',
        '{}',
      ].join('\n'),
  ],
  [
    'curl -v with its command',
    'output of curl -v',
    ({ headers, body }) =>
      [
        `$ curl -v http://localhost:3000/webhooks/revrag ${lines(headers)
          .map(line => `-H '${line}'`)
          .join(' ')} --data-binary ${bash(body)}`,
        '* Host localhost:3000 was resolved.',
        '*   Trying 127.0.0.1:3000...',
        '> POST /webhooks/revrag HTTP/1.1',
        '> Host: localhost:3000',
        ...lines(headers, '> '),
        '> ',
        '} [512 bytes data]',
        '< HTTP/1.1 401 Unauthorized',
        '< x-webhook-signature: of the answer',
        '<',
        '{"statusCode":401}',
      ].join('\n'),
  ],
  [
    'curl -v with the body put behind the head',
    'output of curl -v',
    ({ headers, body }) =>
      ['> POST / HTTP/1.1', ...lines(headers, '> '), '>', body, '< HTTP/1.1 401'].join('\r\n'),
  ],
  [
    'Copy as cURL (bash)',
    'a curl command',
    ({ headers, body }) =>
      [
        "curl 'https://a.example/webhooks/revrag?a=1&b=2' \\",
        "  -X 'POST' \\",
        ...lines(headers).map(line => `  -H ${bash(line)} \\`),
        `  --data-raw ${bash(body)} \\`,
        '  --compressed',
      ].join('\n'),
  ],
  [
    'Copy as cURL (cmd)',
    'a curl command',
    ({ headers, body }) =>
      [
        'curl ^"https://a.example/webhooks/revrag^" ^',
        ...lines(headers).map(line => `  -H ${cmd(line)} ^`),
        `  --data-raw ${cmd(body)}`,
      ].join('\r\n'),
  ],
  [
    'cURL of Postman',
    'a curl command',
    ({ headers, body }) =>
      [
        "curl --location 'https://a.example/webhooks/revrag' \\",
        ...lines(headers).map(line => `--header '${line}' \\`),
        `--data '${body.replaceAll("'", "'\\''")}'`,
      ].join('\n'),
  ],
  [
    'a curl command in double quotes, with its options run together',
    'a curl command',
    ({ headers, body }) =>
      `curl -sS ${lines(headers)
        .map(line => `-H"${line}"`)
        .join(' ')} -vd "${body.replace(/["\\$`]/g, '\\$&')}" https://a.example`,
  ],
  [
    'Copy as PowerShell',
    'a PowerShell command',
    ({ headers, body }) =>
      [
        '$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession',
        '$session.UserAgent = "Mozilla/5.0"',
        'Invoke-WebRequest -UseBasicParsing -Uri "https://a.example/webhooks/revrag" `',
        '-Method "POST" `',
        '-WebSession $session `',
        '-Headers @{',
        ...Object.entries(headers).map(([name, value]) => `  "${name}"=${powershell(value)}`),
        '} `',
        '-ContentType "application/json" `',
        `-Body ([System.Text.Encoding]::UTF8.GetBytes(${powershell(body)}))`,
      ].join('\r\n'),
  ],
  [
    "Postman's console, copied",
    "a log of Postman's console",
    ({ headers, body }) =>
      `POST http://localhost:3000/webhooks/revrag: ${JSON.stringify(
        {
          Network: { addresses: { local: { port: 51922 } } },
          'Request Headers': headers,
          'Request Body': body,
          'Response Headers': { 'x-powered-by': 'Express' },
          'Response Body': '{"statusCode":401}',
        },
        null,
        2,
      )}`,
  ],
  [
    "Postman's console, as it is shown",
    "a log of Postman's console",
    ({ headers, body }) =>
      [
        'POST http://localhost:3000/webhooks/revrag',
        '401',
        '▼Request Headers',
        ...Object.entries(headers).map(([name, value]) => `${name}: "${value}"`),
        '▼Request Body',
        body,
        '▶Response Headers',
        '▶Response Body',
      ].join('\n'),
  ],
  [
    'an event of API Gateway, v1',
    'an event of API Gateway or of a load balancer (ALB)',
    delivery => JSON.stringify(lambdaV1(delivery, false), null, 2),
  ],
  [
    'an event of API Gateway, v1, in Base64',
    'an event of API Gateway or of a load balancer (ALB)',
    delivery => JSON.stringify(lambdaV1(delivery, true)),
  ],
  [
    'an event of API Gateway, v2',
    'an event of API Gateway or of a load balancer (ALB)',
    ({ headers, body }) =>
      JSON.stringify({
        version: '2.0',
        routeKey: '$default',
        rawPath: '/webhooks/revrag',
        headers,
        requestContext: { http: { method: 'POST' }, timeEpoch: 1_780_315_200_500 },
        body: Buffer.from(body).toString('base64'),
        isBase64Encoded: true,
      }),
  ],
  [
    'an event of a load balancer with multi-value headers',
    'an event of API Gateway or of a load balancer (ALB)',
    ({ headers, body }) =>
      JSON.stringify({
        requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:…' } },
        httpMethod: 'POST',
        path: '/webhooks/revrag',
        multiValueHeaders: lists(headers),
        body,
        isBase64Encoded: false,
      }),
  ],
  [
    'an export of webhook.site',
    'an export of webhook.site',
    ({ headers, body }) =>
      JSON.stringify({
        data: [
          {
            uuid: 'a2a6a4b6-4130-4f8e-9ea6-cfe2f4c7d2a1',
            type: 'web',
            method: 'POST',
            ip: '203.0.113.7',
            content: body,
            headers: lists(headers),
            created_at: '2026-06-01 12:00:01',
          },
          { uuid: 'b', method: 'GET', content: '', headers: {}, created_at: '2026-06-01 12:00:02' },
        ],
        total: 2,
      }),
  ],
  [
    'a HAR',
    'a HAR',
    ({ headers, body }) =>
      JSON.stringify({
        log: {
          version: '1.2',
          entries: [
            {
              startedDateTime: '2026-06-01T12:00:01.000Z',
              request: {
                method: 'POST',
                headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
                postData: { mimeType: 'application/json', text: body },
              },
            },
          ],
        },
      }),
  ],
  [
    'an Express request as JSON, its body as a Buffer',
    'a logged request',
    ({ headers, body }) =>
      JSON.stringify({ method: 'POST', url: '/', headers, body: {}, rawBody: Buffer.from(body) }),
  ],
  [
    'a line of a log behind the name of its container',
    'a logged request',
    ({ headers, body }) =>
      `web-1  | starting\nweb-1  | ${JSON.stringify({ level: 30, msg: 'in', req: { headers }, body })}\nweb-1  | done\n`,
  ],
  [
    'a file of PowerShell in UTF-16',
    'raw HTTP, in UTF-16',
    delivery => utf16(String(raw(delivery))),
  ],
  [
    'a file in UTF-16 with big ends',
    'raw HTTP, in UTF-16',
    delivery => utf16(String(raw(delivery))).swap16(),
  ],
  ['raw HTTP behind a mark', 'raw HTTP', delivery => `\ufeff${String(raw(delivery))}`],
  [
    'raw HTTP in Base64 with line ends',
    'raw HTTP, in Base64',
    delivery => Buffer.from(raw(delivery)).toString('base64').replace(/.{76}/g, '$&\r\n'),
  ],
  [
    'an event in Base64',
    'an event of API Gateway or of a load balancer (ALB), in Base64',
    delivery => Buffer.from(JSON.stringify(lambdaV1(delivery, false))).toString('base64'),
  ],
];
