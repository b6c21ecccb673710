import { request } from 'node:http';
import { buildInfo } from '../shared/build-info.ts';
import { Failure } from '../shared/failure.ts';

type Answer = {
  readonly choices?: readonly { readonly message?: { readonly content?: string } }[];
};

const answerWithinMs = 30_000;

/** One question to the model, by the only address that a sandbox has for it. */
export async function askModel(model: string, question: string): Promise<string> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: question }] });
  const { status, text } = await post('http://inference.local/v1/chat/completions', body);
  if (status !== 200)
    throw new Failure(1, `the model did not answer: ${String(status)} ${text.trim()}`);
  const said = (JSON.parse(text) as Answer).choices?.[0]?.message?.content;
  if (said === undefined) throw new Failure(1, 'the model answered without words');
  return said;
}

function post(url: string, body: string): Promise<{ status: number; text: string }> {
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': `${buildInfo.program}/${buildInfo.version}`,
  };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, text });
      });
    });
    asked.on('error', (error) => {
      reject(new Failure(1, `inference.local cannot be reached: ${error.message}`));
    });
    asked.setTimeout(answerWithinMs, () => asked.destroy(new Error('no answer')));
    asked.end(body);
  });
}
