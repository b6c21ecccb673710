import type { StrippedModule } from '../ports/overlays.ts';

/** Deeper or larger sources than any check needs are refused before they reach the parser. */
const moduleLengthMax = 1 << 20;

type ParserError = { message?: unknown; startLine?: unknown; startColumn?: unknown };

/**
 * TypeScript to JavaScript by blanking types, so that positions in stack traces stay true. Syntax
 * that types alone do not explain (enums, namespaces, parameter properties) is a problem, as it is
 * in Node itself. Never rejects because of the text. Line and column are 1-based.
 */
export async function stripTypes(text: string, path: string): Promise<StrippedModule> {
  if (text.length > moduleLengthMax)
    return { problem: { message: 'the file is larger than 1 MiB', line: 1, column: 1 } };
  // Late, since it is 4 MB of WebAssembly and most runs have no TypeScript.
  const { transformSync } = await import('@swc/wasm-typescript');
  try {
    return { code: transformSync(text, { mode: 'strip-only', filename: path }).code };
  } catch (error) {
    // The parser throws plain objects; a source nested too deeply makes it throw a RangeError.
    const { message, startLine, startColumn } = Object(error) as ParserError;
    return {
      problem: {
        message: typeof message === 'string' ? message : 'this is not TypeScript',
        line: typeof startLine === 'number' ? startLine : 1,
        column: typeof startColumn === 'number' ? startColumn + 1 : 1,
      },
    };
  }
}
