// The short forms of volumes: `/data`, `data:/data:ro`, `./file:/file`.

export type VolumeForm = {
  readonly type: 'volume' | 'bind';
  readonly source?: string;
  readonly target: string;
  readonly readOnly?: boolean;
  readonly nocopy?: boolean;
  readonly propagation?: string;
};

const propagations = new Set(['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave']);

/**
 * A reason for what is no volume. Docker takes a single letter before a colon for a drive of Windows:
 * `d:/data` is an anonymous volume at the path `d:/data`.
 */
export function readVolume(text: string): VolumeForm | { readonly fault: string } {
  if (text === '') return { fault: 'is empty' };
  const parts = splitParts(text);
  if (parts.includes('')) return { fault: 'has an empty part between colons' };
  if (parts.length > 3) return { fault: 'has too many colons' };
  const [first = '', target, options = ''] = parts;
  if (target === undefined) return { type: 'volume', target: first };
  return {
    type: isPath(first) ? 'bind' : 'volume',
    source: first,
    target,
    ...readOptions(options.split(',')),
  };
}

function readOptions(
  words: readonly string[],
): Pick<VolumeForm, 'readOnly' | 'nocopy' | 'propagation'> {
  const propagation = words.find((word) => propagations.has(word));
  return {
    ...(words.lastIndexOf('ro') > words.lastIndexOf('rw') ? { readOnly: true } : {}),
    ...(words.includes('nocopy') ? { nocopy: true } : {}),
    ...(propagation === undefined ? {} : { propagation }),
  };
}

function splitParts(text: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  for (const character of text) {
    if (character === ':' && !/^\p{L}$/u.test(part)) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  return [...parts, part];
}

const isPath = (source: string): boolean =>
  /^[./~]/.test(source) || source.startsWith('\\\\') || /^\p{L}:/u.test(source);
