import { dump } from 'js-yaml';
import { parseText } from '../../src/source/parse.ts';
import { mutate, type Stock } from './mutate.ts';
import type { Manifests } from './order.ts';
import { createRandom, type Random } from './random.ts';
import type { Files } from './run.ts';
import { chooseSurroundings } from './surroundings.ts';
import { mutateText } from './text.ts';

/** What one run of the fuzzer tries. */
export interface FuzzInput {
  /** The manifests, by file. */
  readonly manifests: Files;
  /** The body of MeshConfig. */
  readonly meshConfig?: string;
  /** The manifests before they were changed, by file. */
  readonly before: Files;
  /** Flags beside those that name the manifests (surroundings.ts). */
  readonly surroundings?: readonly string[];
  /** The manifests as values; absent where the text is broken. */
  readonly values?: Manifests;
}

/** The input of one run: the same for the same seed, run and stock. */
export function createInput(seed: number, run: number, stock: Stock): FuzzInput {
  const random = createRandom(seed, run);
  const origin = random.pick(stock.cases);
  const values = mutate(origin, stock, random);
  const surroundings = chooseSurroundings(createRandom(seed, ~run));
  const written: FuzzInput = {
    manifests: writeFiles(values.documents, random),
    ...(values.meshConfig !== undefined && { meshConfig: writeValue(values.meshConfig, random) }),
    before: { 'all.yaml': writeJson(origin.documents) },
    ...(surroundings.length > 0 && { surroundings }),
  };
  if (!random.chance(0.12)) return { ...written, values };
  if (written.meshConfig !== undefined && random.chance(0.2)) {
    return { ...written, meshConfig: mutateText(written.meshConfig, random) };
  }
  const chosen = random.pick(Object.keys(written.manifests));
  const entries = Object.entries(written.manifests).map(([name, text]) => [
    name,
    name === chosen ? mutateText(text, random) : text,
  ]);
  return { ...written, manifests: Object.fromEntries(entries) };
}

/** The values of an input that has texts alone; undefined where one of them cannot be read. */
export function readValues({ manifests, meshConfig }: Pick<FuzzInput, 'manifests' | 'meshConfig'>): Manifests | undefined {
  let isBroken = false;
  const parse = (text: string): unknown[] => parseText('', text, () => (isBroken = true)).map(({ value }) => value);
  const documents = Object.values(manifests).flatMap(parse);
  const [mesh] = meshConfig === undefined ? [] : parse(meshConfig);
  return isBroken ? undefined : { documents, ...(mesh !== undefined && { meshConfig: mesh }) };
}

/** All in one file, or in two, in JSON or in YAML. */
function writeFiles(documents: readonly unknown[], random: Random): Files {
  const cut = random.chance(0.5) ? documents.length : random.below(documents.length + 1);
  const parts = [documents.slice(0, cut), documents.slice(cut)].filter((part, index) => index === 0 || part.length > 0);
  return Object.fromEntries(
    parts.map((part, index) => [`${'ab'[index]}.yaml`, random.chance(0.5) ? writeJson(part) : writeYaml(part)]),
  );
}

function writeValue(value: unknown, random: Random): string {
  return random.chance(0.5) ? writeJson([value]) : writeYaml([value]);
}

/** Documents as JSON, one a line. */
export function writeJson(documents: readonly unknown[]): string {
  return `${documents.map((document) => JSON.stringify(document) ?? 'null').join('\n---\n')}\n`;
}

function writeYaml(documents: readonly unknown[]): string {
  try {
    return documents.map((document) => dump(document, { noRefs: true, lineWidth: -1 })).join('---\n');
  } catch (error) {
    // What is nested deeper than a call goes; JSON can still be written.
    if (error instanceof RangeError) return writeJson(documents);
    throw error;
  }
}

/** The flags of an input, the first two of which name the manifests. */
export function flagsOf({ meshConfig, surroundings = [] }: FuzzInput): readonly string[] {
  return ['-f', 'manifests', ...(meshConfig === undefined ? [] : ['--mesh-config', 'mesh.yaml']), ...surroundings];
}

/** The files of an input, as commands see them. */
export function filesOf({ manifests, meshConfig, before }: FuzzInput): Files {
  const inFolder = (folder: string, files: Files): Files =>
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
  return {
    ...inFolder('manifests', manifests),
    ...inFolder('before', before),
    ...(meshConfig !== undefined && { 'mesh.yaml': meshConfig }),
  };
}
