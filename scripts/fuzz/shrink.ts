import { type FuzzInput, readValues, writeJson } from './input.ts';
import type { Manifests } from './order.ts';
import { isRecord, pathsIn, REMOVED, type ValuePath, valueAt, withValueAt } from './paths.ts';

/** Whether an input still shows the fault. */
type Check = (input: FuzzInput) => Promise<boolean>;

/** A smaller input with the same fault: without the files, documents, fields and letters that it can do without. */
export async function shrink(input: FuzzInput, check: Check): Promise<FuzzInput> {
  let best = input;
  const accept = async (candidate: FuzzInput): Promise<boolean> => {
    if (!(await check(candidate))) return false;
    best = candidate;
    return true;
  };
  await accept({ ...best, before: {} });
  if (best.surroundings !== undefined) await accept(withoutSurroundings(best));
  if (best.meshConfig !== undefined) await accept(withoutMeshConfig(best));
  const values = best.values ?? readValues(best);
  if (values !== undefined && (await accept(withValues(best, values)))) await shrinkValues(values, best, accept);
  else for (const name of Object.keys(best.manifests)) await shrinkText(name, () => best, accept);
  return best;
}

type Accept = (candidate: FuzzInput) => Promise<boolean>;

function withoutMeshConfig({ meshConfig: _, values, ...rest }: FuzzInput): FuzzInput {
  return { ...rest, ...(values && { values: { documents: values.documents } }) };
}

function withoutSurroundings({ surroundings: _, ...rest }: FuzzInput): FuzzInput {
  return rest;
}

/** An input of values, as it is read again: what JSON cannot say must not make what is kept another than what was tried. */
function withValues(input: FuzzInput, { documents, meshConfig }: Manifests): FuzzInput {
  const written: FuzzInput = {
    manifests: { 'a.yaml': writeJson(documents) },
    ...(meshConfig !== undefined && { meshConfig: writeJson([meshConfig]) }),
    before: input.before,
    ...(input.surroundings !== undefined && { surroundings: input.surroundings }),
  };
  const values = readValues(written);
  return { ...written, ...(values !== undefined && { values }) };
}

async function shrinkValues(start: Manifests, input: FuzzInput, accept: Accept): Promise<void> {
  let values: Manifests = start;
  const tryValues = async (candidate: Manifests): Promise<boolean> => {
    if (!(await accept(withValues(input, candidate)))) return false;
    values = candidate;
    return true;
  };
  // Documents in halves, quarters and so on.
  for (let size = Math.ceil(values.documents.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < values.documents.length; ) {
      if (!(await tryValues({ ...values, documents: values.documents.toSpliced(from, size) }))) from += size;
    }
  }
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false;
    for (const index of values.documents.keys()) {
      const put = (document: unknown): Promise<boolean> =>
        tryValues({ ...values, documents: values.documents.with(index, document) });
      hasChanged = (await shrinkValue(() => values.documents[index], put)) || hasChanged;
    }
    const put = (meshConfig: unknown): Promise<boolean> => tryValues({ ...values, meshConfig });
    if (values.meshConfig !== undefined) hasChanged = (await shrinkValue(() => values.meshConfig, put)) || hasChanged;
  }
}

/** Takes away what is not needed of a value, large parts first. */
async function shrinkValue(get: () => unknown, put: (value: unknown) => Promise<boolean>): Promise<boolean> {
  let hasChanged = false;
  const paths = pathsIn(get()).filter((path) => path.length > 0 && path[0] !== 'kind' && path[0] !== 'apiVersion');
  for (const path of paths.sort((a, b) => a.length - b.length || compareIndexes(a, b))) {
    const value = valueAt(get(), path);
    if (value === undefined) continue;
    for (const replacement of [REMOVED, ...smaller(value)]) {
      if (!(await put(withValueAt(get(), path, replacement)))) continue;
      hasChanged = true;
      if (replacement === REMOVED) break;
    }
  }
  return hasChanged;
}

/** Later items of lists first, so that those before them keep their places. */
function compareIndexes(a: ValuePath, b: ValuePath): number {
  const [one, other] = [a.at(-1), b.at(-1)];
  return typeof one === 'number' && typeof other === 'number' ? other - one : 0;
}

function smaller(value: unknown): readonly unknown[] {
  if (typeof value === 'string') {
    if (value.length < 2) return [];
    const half = Math.ceil(value.length / 2);
    return value.length > 40 ? [value.slice(0, half), value.slice(half), value.slice(1)] : [];
  }
  if (Array.isArray(value) && value.length > 3)
    return [value.slice(0, Math.ceil(value.length / 2)), value.slice(Math.ceil(value.length / 2))];
  const [only] =
    isRecord(value) && Object.keys(value).length === 1
      ? Object.values(value)
      : Array.isArray(value) && value.length === 1
        ? value
        : [];
  // One level less of what is nested.
  return only === undefined ? [] : [only];
}

/** Lines in halves, quarters and so on, then letters of what is short. */
async function shrinkText(name: string, get: () => FuzzInput, accept: Accept): Promise<void> {
  const put = (text: string): Promise<boolean> => {
    const { values: _, ...input } = get();
    return accept({ ...input, manifests: { ...input.manifests, [name]: text } });
  };
  const textNow = (): string => get().manifests[name] ?? '';
  for (const separator of ['\n', '']) {
    if (separator === '' && textNow().length > 400) return;
    const count = textNow().split(separator).length;
    for (let size = Math.ceil(count / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < textNow().split(separator).length; ) {
        if (!(await put(textNow().split(separator).toSpliced(from, size).join(separator)))) from += size;
      }
    }
  }
}
