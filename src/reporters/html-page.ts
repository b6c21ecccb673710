// What every page has: the one style, and a policy under which nothing is loaded and nothing is sent.

import { createHash } from 'node:crypto';
import { style } from './html-style.ts';
import { html, markupOf, trusted, type Html } from './html-tag.ts';

const hash = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Only this style and this script; nothing is loaded, nothing is sent, no base, no form. */
const policyOf = (script: string | undefined): string =>
  [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    ...(script === undefined ? [] : [`script-src ${hash(script)}`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

// One piece each: a formatter's blank inside the element would change what the hash covers.
const styleElement = trusted(`<style>${style}</style>`);
const scriptElement = (script: string | undefined) =>
  script === undefined ? undefined : trusted(`<script>${script}</script>`);

/** A whole document in one file. `script` is our own and runs after the body was read. */
export function htmlPage({
  title,
  body,
  script,
}: {
  readonly title: string;
  readonly body: Html;
  readonly script?: string;
}): string {
  return markupOf(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta http-equiv="Content-Security-Policy" content="${trusted(policyOf(script))}" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="referrer" content="no-referrer" />
          <title>${title}</title>
          ${styleElement}
        </head>
        <body>
          ${body} ${scriptElement(script)}
        </body>
      </html> `,
  );
}
