// A model that answers every question with its words backwards, in the form that agents ask for.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type EchoEndpoint = {
  readonly url: string;
  /** Who asked, and what. */
  readonly asked: readonly { readonly agent: string; readonly question: string }[];
  readonly close: () => void;
};

type Question = { readonly messages: readonly { readonly content: string }[] };

export function startEcho(): Promise<EchoEndpoint> {
  const asked: { agent: string; question: string }[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const question = (JSON.parse(body) as Question).messages.at(-1)?.content ?? '';
      asked.push({ agent: request.headers['user-agent'] ?? '', question });
      const content = Array.from(question).reverse().join('');
      response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] }));
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        url: `http://127.0.0.1:${String(port)}/v1`,
        asked,
        close: () => {
          server.close();
        },
      });
    });
  });
}
