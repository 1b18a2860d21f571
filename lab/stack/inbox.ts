import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerEnvelope } from 'smtp-server';
import { renderHtmlPart, renderList, renderMessage, renderNotFound } from './inbox-page';
import { type InboxStore, openInboxStore } from './inbox-store';

/** Maximum bytes of one mail; larger ones are refused with 552. */
const largestMail = 10_000_000;

export interface InboxOptions {
  /** Folder of the .eml files. */
  readonly folder: string;
  /** 0: any free port. */
  readonly smtpPort: number;
  readonly httpPort: number;
  /** How many mails are kept; the oldest are deleted first. */
  readonly capacity?: number;
}

export interface Inbox {
  readonly smtpUrl: string;
  readonly httpUrl: string;
  stop(): Promise<void>;
}

/**
 * An inbox for development: accepts every mail by SMTP on 127.0.0.1, for any recipient, and shows it on a web
 * page and by an HTTP API, to callers that use a loopback name: `GET /api/messages?to=`, `GET /api/messages/:id`, `DELETE /api/messages`.
 */
export async function startInbox({ folder, smtpPort, httpPort, capacity }: InboxOptions): Promise<Inbox> {
  const store = await openInboxStore(folder, capacity);
  const smtp = smtpServer(store);
  const http = createServer((request, response) => {
    // Stops DNS rebinding: a page whose name points here sends that name as `Host`.
    if (!isLoopbackHost(request.headers.host)) {
      sendJson(response, 421, { error: 'the inbox answers to localhost, 127.0.0.1 and [::1] only' });
      return;
    }
    answer(store, request, response).catch((error: unknown) => {
      console.error(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  smtp.listen(smtpPort, '127.0.0.1');
  http.listen(httpPort, '127.0.0.1');
  await Promise.all([once(smtp.server, 'listening'), once(http, 'listening')]);
  return {
    smtpUrl: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
    httpUrl: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async stop() {
      http.closeAllConnections();
      await Promise.all([
        new Promise<void>((resolve) => smtp.close(resolve)),
        new Promise((resolve) => http.close(resolve)),
      ]);
    },
  };
}

function smtpServer(store: InboxStore): SMTPServer {
  const server = new SMTPServer({
    banner: 'Tenure inbox',
    size: largestMail,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 1_000,
    onData(stream, { envelope }, callback) {
      receive(store, stream, envelope).then(
        (id) => process.nextTick(callback, null, `Kept as ${id}`),
        (error: unknown) => process.nextTick(callback, error),
      );
    },
  });
  // A client that disconnects early must not stop the inbox.
  server.on('error', (error) => console.error(`SMTP: ${error.message}`));
  return server;
}

async function receive(
  store: InboxStore,
  stream: SMTPServerDataStream,
  { mailFrom, rcptTo }: SMTPServerEnvelope,
): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  if (stream.sizeExceeded) throw Object.assign(new Error('The message is too large'), { responseCode: 552 });
  const recipients = rcptTo.map(({ address }) => address);
  const { id } = await store.add(Buffer.concat(chunks), {
    mailFrom: mailFrom ? mailFrom.address : '',
    recipients,
  });
  return id;
}

/** Whether a `Host` header names this machine, with any port. */
function isLoopbackHost(host = ''): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i.test(host);
}

async function answer(store: InboxStore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://inbox');
  const [, section = '', collection = '', id = ''] = url.pathname.split('/');
  const to = url.searchParams.get('to') || undefined;
  const reads = request.method === 'GET' || request.method === 'HEAD';

  if (url.pathname === '/api/messages' && request.method === 'DELETE') {
    await store.clear();
    response.writeHead(204).end();
  } else if (!reads) {
    sendJson(response, 405, { error: 'method_not_allowed' });
  } else if (url.pathname === '/healthz') {
    sendJson(response, 200, { status: 'ok' });
  } else if (url.pathname === '/api/messages') {
    sendJson(response, 200, store.list(to));
  } else if (section === 'api' && collection === 'messages') {
    const message = await store.find(id);
    sendJson(response, message ? 200 : 404, message ?? { error: 'not_found' });
  } else if (url.pathname === '/') {
    sendHtml(response, 200, renderList(store.list(to), to));
  } else if (section === 'messages') {
    const message = await store.find(collection);
    if (!message) sendHtml(response, 404, renderNotFound());
    else if (id === 'html') sendHtml(response, 200, renderHtmlPart(message), mailPolicy);
    else
      sendHtml(
        response,
        200,
        renderMessage(message, url.searchParams.get('view') === 'text' ? 'text' : 'html'),
      );
  } else {
    sendHtml(response, 404, renderNotFound());
  }
}

/** Allows only the page's own script and styles. */
const pagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; frame-src 'self'; img-src data:";

/** Shows a mail's HTML like a mail program: no scripts, no forms, nothing fetched. */
const mailPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

function sendHtml(response: ServerResponse, status: number, html: string, policy = pagePolicy): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  response.end(html);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(body));
}
