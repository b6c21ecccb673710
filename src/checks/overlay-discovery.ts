// Which checks the files of a checks folder hold, found without running any of them. The ids are
// part of the expected set, so a file that cannot be read is an error and not a shorter list.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { makeSource, type Source } from '../diagnostics/source.ts';
import type { OverlaySource } from '../ports/overlays.ts';
import type { OperationName, OverlayFile } from '../scenario/plan.ts';
import { kebab, readOverlayName, type OverlayName } from './overlay-name.ts';
import { problem, readModule, type FoundCheck, type FoundChecks } from './read-module.ts';
import { readPytest } from './read-pytest.ts';

export type OverlayDiscovery = {
  /** Sorted by path. Files with an error are left out. */
  readonly files: readonly OverlayFile[];
  readonly problems: readonly {
    readonly source: Source;
    readonly diagnostics: readonly Diagnostic[];
  }[];
};

type Candidate = {
  readonly source: OverlaySource;
  readonly name: OverlayName;
  readonly found: FoundChecks;
  readonly diagnostics: Diagnostic[];
};
type Named = { readonly candidate: Candidate; readonly check: FoundCheck; readonly base: string };

const idLengthMax = 96;
const pathStart = { start: 0, end: 0 };

/**
 * `operations`: `custom` and the `custom-<action>` names of the scenario; the lifecycle's are always
 * known. `typed`: a path of the checks folder as a person types it in a shell.
 */
export async function discoverOverlays(
  sources: readonly OverlaySource[],
  operations: readonly string[] = ['custom'],
  typed: (path: string) => string = (path) => path,
): Promise<OverlayDiscovery> {
  const sorted = [...sources].sort((a, b) => (a.path < b.path ? -1 : 1));
  const read = sorted.map((source) => readCandidate(source, operations, typed(source.path)));
  const candidates = (await Promise.all(read)).flat();
  const ids = nameChecks(candidates);
  const files: OverlayFile[] = [];
  const problems: OverlayDiscovery['problems'][number][] = [];
  for (const candidate of candidates) {
    if (candidate.diagnostics.length === 0) files.push(toFile(candidate, ids));
    else
      problems.push({
        source: makeSource(candidate.source.path, candidate.source.text ?? ''),
        diagnostics: candidate.diagnostics,
      });
  }
  return { files, problems };
}

async function readCandidate(
  source: OverlaySource,
  operations: readonly string[],
  typed: string,
): Promise<Candidate[]> {
  const name = readOverlayName(source.path, operations);
  if (name === undefined) return [];
  if ('code' in name) {
    const nameless: OverlayName = { operation: '', kind: 'executable', stem: '' };
    return [
      { source, name: nameless, found: { checks: [], diagnostics: [] }, diagnostics: [name] },
    ];
  }
  const found = await readFound(source, name, typed);
  const diagnostics = [...found.diagnostics];
  if (found.checks.length === 0 && diagnostics.length === 0)
    diagnostics.push(
      problem('OV005', 'the file holds no check', pathStart, {
        hint:
          name.kind === 'module'
            ? 'export a function by name: export const notesKept = async (ctx) => { … };'
            : 'write a function whose name begins with test_',
      }),
    );
  return [{ source, name, found, diagnostics }];
}

async function readFound(
  source: OverlaySource,
  name: OverlayName,
  typed: string,
): Promise<FoundChecks> {
  if (name.kind === 'executable') return readExecutable(source, name, typed);
  if (source.text === undefined)
    return {
      checks: [],
      diagnostics: [problem('OV006', 'the file is not UTF-8 text of up to 1 MiB', pathStart)],
    };
  return name.kind === 'module' ? readModule(source.path, source.text) : readPytest(source.text);
}

/** A shell script runs through `sh` when it is not executable itself; nothing else can. */
function readExecutable(source: OverlaySource, name: OverlayName, typed: string): FoundChecks {
  if (source.executable || source.path.endsWith('.sh'))
    return { checks: [{ name: name.stem, span: pathStart }], diagnostics: [] };
  return {
    checks: [],
    diagnostics: [
      problem('OV009', 'the file is not executable', pathStart, {
        hint: `run: chmod +x ${typed}`,
      }),
    ],
  };
}

/**
 * Ids by check. Where one operation has a behaviour twice, each of the two gets its class or file
 * stem appended, so that no id depends on the order of files.
 */
function nameChecks(candidates: readonly Candidate[]): ReadonlyMap<FoundCheck, string> {
  const named = candidates.flatMap((candidate) =>
    candidate.found.checks.flatMap((check) => {
      const base = kebab(check.name.split('::').at(-1) ?? '');
      if (base !== undefined) return [{ candidate, check, base }];
      candidate.diagnostics.push(
        problem('OV007', `\`${check.name}\` gives no id`, check.span, {
          hint: 'use ASCII letters and digits',
        }),
      );
      return [];
    }),
  );
  const plain = (each: Named) => idOf(each, each.base);
  const classed = resolveClashes(
    named,
    plain,
    (each) =>
      idOf(
        each,
        [each.base, ...each.check.name.split('::').slice(0, -1).map(kebabOrNothing)].join('-'),
      ),
    sameFile,
  );
  const stemmed = resolveClashes(
    named,
    (each) => classed.get(each) ?? '',
    (each) => `${classed.get(each) ?? ''}-${each.candidate.name.stem}`,
    otherFile,
  );
  return reportIds(named, stemmed);
}

const kebabOrNothing = (name: string): string => kebab(name) ?? '';
const idOf = ({ candidate }: Named, behaviour: string): string =>
  `overlay.${candidate.name.operation}.${behaviour.replace(/-+$/, '')}`;
const sameFile = (a: Named, b: Named): boolean => a.candidate === b.candidate;
const otherFile = (a: Named, b: Named): boolean => a.candidate !== b.candidate;

/** Each check's id, made longer where another check that `rivals` has the same one. */
function resolveClashes(
  named: readonly Named[],
  id: (each: Named) => string,
  longer: (each: Named) => string,
  rivals: (a: Named, b: Named) => boolean,
): ReadonlyMap<Named, string> {
  const byId = new Map<string, Named[]>();
  for (const each of named) byId.set(id(each), [...(byId.get(id(each)) ?? []), each]);
  return new Map(
    named.map((each) => {
      const clash = byId.get(id(each))?.some((other) => other !== each && rivals(other, each));
      return [each, clash === true ? longer(each) : id(each)];
    }),
  );
}

function reportIds(
  named: readonly Named[],
  ids: ReadonlyMap<Named, string>,
): ReadonlyMap<FoundCheck, string> {
  const owners = new Map<string, Named>();
  for (const each of named) {
    const id = ids.get(each) ?? '';
    const { path } = each.candidate.source;
    const owner = owners.get(id);
    if (owner === undefined) owners.set(id, each);
    else
      each.candidate.diagnostics.push({
        ...problem('OV004', `\`${id}\` is also \`${owner.check.name}\``, each.check.span, {
          hint: 'give one of the two another name',
        }),
        ...(owner.candidate.source.path === path
          ? { related: [{ span: owner.check.span, message: 'the other one' }] }
          : {}),
      });
    if (id.length > idLengthMax)
      each.candidate.diagnostics.push(
        problem(
          'OV007',
          `\`${id}\` is longer than ${String(idLengthMax)} characters`,
          each.check.span,
        ),
      );
  }
  return new Map(named.map((each) => [each.check, ids.get(each) ?? '']));
}

function toFile(
  { source, name, found }: Candidate,
  ids: ReadonlyMap<FoundCheck, string>,
): OverlayFile {
  return {
    path: source.path,
    kind: name.kind,
    operation: name.operation as OperationName,
    sha256: source.sha256,
    ...(found.timeoutMs === undefined ? {} : { timeoutMs: found.timeoutMs }),
    checks: found.checks.map((check) => ({
      id: ids.get(check) ?? '',
      name: check.name,
      ...(check.stage === undefined ? {} : { stage: check.stage }),
      ...(found.title === undefined ? {} : { title: found.title }),
      ...(found.boundary === undefined ? {} : { boundary: found.boundary }),
    })),
  };
}
