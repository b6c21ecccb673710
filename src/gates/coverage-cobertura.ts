import { SaxesParser } from 'saxes';
import { addLine, type CoverageReading } from './coverage.ts';

/** Cobertura XML: the lines of all classes of a file. Entities and document types are refused by the parser. */
export function readCobertura(text: string): CoverageReading {
  const files = new Map<string, Map<number, boolean>>();
  const problems: string[] = [];
  const said: Record<string, number> = {};
  const parser = new SaxesParser();
  let path: string | undefined;
  let inMethods = 0;
  parser.on('error', (error) => {
    problems.push(`it is no XML: ${error.message.split('\n')[0] ?? ''}`);
  });
  parser.on('doctype', (doctype) => {
    // The usual one names a file of rules; one with rules of its own could define entities.
    if (doctype.includes('[')) problems.push('its document type defines things');
  });
  const onLine = ({ number, hits }: Readonly<Record<string, string>>): void => {
    const isSound =
      path !== undefined && /^[1-9]\d{0,8}$/u.test(number ?? '') && /^\d{1,15}$/u.test(hits ?? '');
    if (isSound) addLine(files, path ?? '', { number: Number(number), hit: Number(hits) > 0 });
    else problems.push('a line has no number, hits or file');
  };
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'coverage')
      for (const key of ['lines-valid', 'lines-covered'])
        if (attributes[key] !== undefined) said[key] = Number(attributes[key]);
    if (name === 'class') path = attributes['filename'];
    if (name === 'methods') inMethods += 1;
    // Lines of methods come again under the class.
    if (name === 'line' && inMethods === 0) onLine(attributes);
  });
  parser.on('closetag', ({ name }) => {
    if (name === 'methods') inMethods -= 1;
  });
  parser.write(text).close();
  if (problems.length > 0) return { problems: problems.slice(0, 20) };
  const lines = [...files.values()].flatMap((each) => [...each.values()]);
  const counts = { 'lines-valid': lines.length, 'lines-covered': lines.filter(Boolean).length };
  const wrong = Object.entries(counts).flatMap(([key, count]) =>
    said[key] === undefined || said[key] === count
      ? []
      : [`${key} says ${String(said[key])}, ${String(count)} are there`],
  );
  if (lines.length === 0) return { problems: ['it holds no line'] };
  return wrong.length > 0 ? { problems: wrong } : { coverage: files };
}
