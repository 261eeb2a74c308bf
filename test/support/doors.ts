import { run } from '../../src/cli/main.ts';
import { createFakeIo } from './fake-io.ts';

/** The commands that tell what is wrong with an input. */
const doors = ['translate', 'analyze', 'diff', 'validate'] as const;
type Door = (typeof doors)[number];

/** Texts by absolute path: an input in `/work/m`, its MeshConfig in `/work/mesh.yaml`. */
export type DoorFiles = Readonly<Record<string, string>>;

/** A finding as a door names it. */
interface Said {
  readonly code: string;
  readonly severity: string;
  /** `Kind namespace/name`, or empty. */
  readonly resource: string;
}

/** What all doors say of one input, `severity code Kind namespace/name`, and what they give different severities. */
export type Answers = Readonly<Record<Door | 'disagreed', readonly string[]>>;

/** Asks all doors about an input. A diff compares it with `before`, a mesh in `/work/empty`. */
export async function askDoors(files: DoorFiles, before: DoorFiles = { '/work/empty/m.yaml': '' }): Promise<Answers> {
  const ask = (door: Door): Promise<readonly Said[]> => saidBy(door, { ...files, ...before });
  const [translate, analyze, diff, validate] = [
    await ask('translate'),
    await ask('analyze'),
    await ask('diff'),
    await ask('validate'),
  ];
  const severities = new Map<string, Set<string>>();
  for (const { severity, code, resource } of [...translate, ...analyze, ...diff, ...validate]) {
    const key = `${code} ${resource}`;
    severities.set(key, (severities.get(key) ?? new Set()).add(severity));
  }
  const words = (said: readonly Said[]): readonly string[] =>
    said.map(({ severity, code, resource }) => `${severity} ${code} ${resource}`);
  return {
    translate: words(translate),
    analyze: words(analyze),
    diff: words(diff),
    validate: words(validate),
    disagreed: [...severities].filter(([, { size }]) => size > 1).map(([key, found]) => `${key}: ${[...found].join(', ')}`),
  };
}

async function saidBy(door: Door, files: DoorFiles): Promise<readonly Said[]> {
  const io = createFakeIo({ files });
  const config = '/work/mesh.yaml' in files ? ['--mesh-config', 'mesh.yaml'] : [];
  const format = door === 'translate' ? [] : ['-o', 'json'];
  await run([door, ...format, ...config, ...(door === 'diff' ? ['empty', 'm'] : ['m'])], io);
  // An error in the input ends a diff before it has an answer.
  if (door === 'translate' || io.output() === '') return printed(io.errors());
  const answer = JSON.parse(io.output());
  if (door === 'validate') return answer.files.flatMap(validated);
  return (door === 'diff' ? answer.findings.introduced : answer).map(told);
}

function printed(errors: string): readonly Said[] {
  return [...errors.matchAll(/(\w+) \[(\w+)\] (?:(\w+ \S+): )?/g)].map(([, severity = '', code = '', resource = '']) => ({
    severity,
    code,
    resource,
  }));
}

/** A finding in JSON; each door has its own. */
interface Told {
  readonly code: string;
  readonly level?: string;
  readonly severity?: string;
  readonly origin?: string;
  readonly resource?: { readonly kind: string; readonly namespace: string; readonly name: string };
}

function told({ code, level, severity = '', origin, resource }: Told): Said {
  const name = resource && [resource.namespace, resource.name].filter((part) => part !== '').join('/');
  return { code, severity: (level ?? severity).toLowerCase(), resource: origin ?? (resource ? `${resource.kind} ${name}` : '') };
}

function validated(file: Readonly<Record<'errors' | 'warnings' | 'notes', readonly Told[]>>): readonly Said[] {
  const of = (list: readonly Told[], level: string): readonly Said[] => list.map((one) => told({ ...one, level }));
  return [...of(file.errors, 'error'), ...of(file.warnings, 'warning'), ...of(file.notes, 'info')];
}
