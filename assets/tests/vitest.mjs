// Posts a @SCHEME@ that hookglass received to your handler, signed with a public test secret at a fixed time.
// Save it as `@SCHEME@.test.mjs`, adapt HANDLER and PATH, then run `npx vitest run`.
import { test } from 'vitest'; // Jest: delete this line; Node's own runner: 'node:test'
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const HANDLER = './app.js'; // exports `POST` (Next.js), or an Express app as `app` or by default
const PATH = '/@SCHEME@s/scalekit'; // of your handler
const SECRET = '@SECRET@'; // public: for tests only
const NOW = 1767225600; // 2026-01-01T00:00:00Z, the clock of the test
const ID = Buffer.from('@ID@', 'base64').toString('latin1');
const HEADERS = Buffer.from('@HEADERS@', 'base64').toString('latin1');
const BODY = Buffer.from('@BODY@', 'base64');

function signedHeaders() {
  const signature = createHmac('sha256', Buffer.from(SECRET.split('_')[1], 'base64'))
    .update(`${ID}.${NOW}.`)
    .update(BODY)
    .digest('base64');
  const received = HEADERS.split('\n').filter(Boolean).map((line) => line.split(/: (.*)/s).slice(0, 2));
  return [
    ...received,
    ['@SCHEME@-id', ID],
    ['@SCHEME@-timestamp', String(NOW)],
    ['@SCHEME@-signature', `v1,${signature}`],
  ];
}

function frozen(RealDate) {
  return new Proxy(RealDate, {
    construct: (target, args) => new target(...(args.length > 0 ? args : [NOW * 1000])),
    get: (target, name) => (name === 'now' ? () => NOW * 1000 : target[name]),
  });
}

async function post(handler) {
  const request = { method: 'POST', headers: signedHeaders(), body: BODY };
  if (handler.POST) return handler.POST(new Request(`http://127.0.0.1${PATH}`, request));
  const server = createServer(handler.app ?? handler.default).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    return await fetch(`http://127.0.0.1:${server.address().port}${PATH}`, request);
  } finally {
    server.close();
  }
}

test('the handler accepts the @SCHEME@', async () => {
  process.env.SCALEKIT_WEBHOOK_SECRET = SECRET;
  const RealDate = globalThis.Date;
  globalThis.Date = frozen(RealDate);
  try {
    const response = await post(await import(HANDLER));
    assert.ok(response.ok, `the handler responded ${response.status}`);
  } finally {
    globalThis.Date = RealDate;
  }
});
