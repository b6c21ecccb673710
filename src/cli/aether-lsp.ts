// The language server over a pair of streams, until the editor says `exit` or goes away.

import { setImmediate } from 'node:timers';
import { createConnection } from 'vscode-languageserver';
import {
  createProtocolConnection,
  PositionEncodingKind,
  StreamMessageWriter,
  TextDocumentSyncKind,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Registry } from '../aether/registry.ts';
import {
  actionsOf,
  completionsOf,
  diagnosticsOf,
  formattingOf,
  hoverOf,
  symbolsOf,
} from './aether-lsp-answers.ts';
import {
  applyChanges,
  openDocument,
  type Encoding,
  type OpenDocument,
} from './aether-lsp-document.ts';
import { makeFrameReader } from './aether-lsp-frames.ts';
import { version } from './version.ts';

export type Streams = {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
};

export type ServerSettings = {
  readonly registry: Registry;
  readonly signal: AbortSignal;
};

type Connection = ReturnType<typeof createConnection>;

type Server = {
  readonly connection: Connection;
  readonly registry: Registry;
  /** By URI. */
  readonly open: Map<string, OpenDocument>;
  /** URIs whose diagnostics are due. */
  readonly due: Set<string>;
  encoding: Encoding;
};

/** The exit code: 0 after `shutdown`, else 1. */
export function serve(streams: Streams, settings: ServerSettings): Promise<number> {
  return new Promise((resolve) => {
    const writer = new StreamMessageWriter(streams.output);
    const reader = makeFrameReader(streams.input, ({ id, code, message }) => {
      void writer.write({ jsonrpc: '2.0', id, error: { code, message } } as never);
    });
    const end = { shutdownReceived: false };
    const finish = (): void => {
      resolve(end.shutdownReceived ? 0 : 1);
    };
    const connection = createConnection(
      (logger) => createProtocolConnection(reader, writer, logger),
      Object.assign(end, { initialize: () => undefined, exit: finish }),
    );
    reader.onClose(finish);
    settings.signal.addEventListener('abort', finish, { once: true });
    const { registry } = settings;
    listen({ connection, registry, open: new Map(), due: new Set(), encoding: 'utf-16' });
    connection.listen();
  });
}

function listen(server: Server): void {
  const { connection } = server;
  connection.onInitialize((params) => initialize(server, params));
  listenToDocuments(server);
  answerQuestions(server);
}

function initialize(server: Server, { capabilities }: InitializeParams): InitializeResult {
  // UTF-16 is what every editor knows; UTF-8 only where it is asked for before that.
  const wanted = capabilities.general?.positionEncodings ?? [];
  const known = wanted.find((each) => each === 'utf-16' || each === 'utf-8');
  server.encoding = known === 'utf-8' ? 'utf-8' : 'utf-16';
  return {
    serverInfo: { name: 'seatrial aether', version },
    capabilities: {
      positionEncoding:
        server.encoding === 'utf-8' ? PositionEncodingKind.UTF8 : PositionEncodingKind.UTF16,
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
      hoverProvider: true,
      completionProvider: { triggerCharacters: [' ', '(', '.'] },
      documentFormattingProvider: true,
      documentSymbolProvider: true,
      codeActionProvider: { codeActionKinds: ['quickfix'] },
    },
  };
}

function listenToDocuments(server: Server): void {
  const { connection, open } = server;
  connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
    keep(server, TextDocument.create(uri, languageId, version, text));
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
    const known = open.get(uri)?.document;
    if (known !== undefined)
      keep(server, applyChanges(known, contentChanges, version, server.encoding));
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    open.delete(uri);
    void connection.sendDiagnostics({ uri, diagnostics: [] });
  });
}

/** Diagnostics are sent once the messages that are there have been read: typing comes in bursts. */
function keep(server: Server, document: TextDocument): void {
  const { uri } = document;
  server.open.set(uri, openDocument(document, server.registry, server.encoding));
  if (server.due.has(uri)) return;
  server.due.add(uri);
  setImmediate(() => {
    server.due.delete(uri);
    const now = server.open.get(uri);
    if (now === undefined) return;
    const { version } = now.document;
    void server.connection.sendDiagnostics({ uri, version, diagnostics: diagnosticsOf(now) });
  });
}

type Asked = { readonly textDocument: { readonly uri: string } };

function answerQuestions(server: Server): void {
  const { connection, registry, open } = server;
  const ask = <Params extends Asked, Answer>(
    answer: (document: OpenDocument, params: Params) => Answer,
    none: Answer,
  ) => {
    return (params: Params): Answer => {
      const document = open.get(params.textDocument.uri);
      return document === undefined ? none : answer(document, params);
    };
  };
  connection.onHover(ask((document, { position }) => hoverOf(document, registry, position), null));
  connection.onCompletion(
    ask((document, { position }) => completionsOf(document, registry, position), []),
  );
  connection.onDocumentSymbol(ask((document) => symbolsOf(document), []));
  connection.onDocumentFormatting(ask((document) => formattingOf(document, registry), []));
  connection.onCodeAction(ask((document, { range }) => actionsOf(document, range), []));
}
