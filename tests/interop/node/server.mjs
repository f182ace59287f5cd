// Says what the real Node SDK says of each request: 200, or 400 with its error.
//
//   POST /webhook/<secret in hex>       verifyWebhookPayload
//   POST /interceptor/<secret in hex>   verifyInterceptorPayload; 200 has the decision that is waited for
//   ?now_ms=<Unix milliseconds>         what the SDK's clock shows meanwhile
//
// Argument: the folder with the SDK's `node_modules`. Prints its port; ends when its stdin does.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const { ScalekitClient } = createRequire(`${process.argv[2]}/`)('@scalekit-sdk/node');
const client = new ScalekitClient('http://127.0.0.1', 'no-id', 'no-secret');
const realNow = Date.now;
const accepted = { webhook: 'true', interceptor: '{"decision":"ALLOW"}' };

function isAccepted(url, headers, body) {
  const [, method, secretInHex] = url.pathname.split('/');
  const secret = Buffer.from(secretInHex, 'hex').toString();
  const nowMs = url.searchParams.get('now_ms');
  if (nowMs !== null) Date.now = () => Number(nowMs);
  try {
    return method === 'interceptor'
      ? client.verifyInterceptorPayload(secret, headers, body)
      : client.verifyWebhookPayload(secret, headers, body);
  } finally {
    Date.now = realNow;
  }
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  let [status, text] = [400, 'false'];
  try {
    const url = new URL(request.url, 'http://127.0.0.1');
    const isVerified = isAccepted(url, request.headers, Buffer.concat(chunks).toString());
    if (isVerified) [status, text] = [200, accepted[url.pathname.split('/')[1]]];
  } catch (error) {
    text = String(error.message);
  }
  response.writeHead(status, { 'content-length': Buffer.byteLength(text) }).end(text);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit()).resume();
