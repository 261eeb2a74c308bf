import { parseYamlValue } from '../../src/util/yaml.ts';

type Files = Readonly<Record<string, string>>;
type Documents = Readonly<Record<string, readonly unknown[]>>;

/** Numbers from 0 to 1 that are the same for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** One file of some as somebody may have changed it, by path; null where it is gone. */
export function randomEdit(files: Files, original: Files, random: () => number): Readonly<Record<string, string | null>> {
  const one = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const path = one(Object.keys(original)) ?? '';
  const text = files[path];
  const die = random();
  if (text === undefined || die < 0.15) return { [path]: original[path] ?? null };
  if (die < 0.18) return { [path]: null };
  // All stands a line further down.
  if (die < 0.22) return { [path]: `# moved\n${text}` };
  if (die < 0.25) return { [path]: `${text}\n---\nkind: [broken\n` };
  const all: Documents = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, documentsOf(content)]));
  const documents = all[path] ?? [];
  const index = Math.floor(random() * documents.length);
  const document = documents[index];
  if (die < 0.32) return { [path]: textOf(documents.filter((_, at) => at !== index)) };
  if (die < 0.4)
    return { [path]: textOf([...documents, one(Object.values(all).flat()), withValue(document, ['metadata', 'name'], 'x')]) };
  if (die < 0.45) return { [path]: textOf(documents.toReversed()) };
  const words = leavesOf(Object.values(all).flat());
  const leaf = one(leavesOf(document));
  if (leaf === undefined) return { [path]: text };
  const edited = withValue(document, leaf.path, die < 0.55 ? undefined : editOf(leaf.value, one(words)?.value, random()));
  return { [path]: textOf(documents.map((other, at) => (at === index ? edited : other))) };
}

function documentsOf(text: string): readonly unknown[] {
  return text.split(/^---\s*$/m).flatMap((part) => {
    try {
      return [parseYamlValue(part)];
    } catch {
      return [];
    }
  });
}

function textOf(documents: readonly unknown[]): string {
  return documents.map((one) => JSON.stringify(one, undefined, 1) ?? '').join('\n---\n');
}

function editOf(value: unknown, other: unknown, die: number): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return die < 0.5 ? `${String(value)}x` : other;
}

interface Leaf {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

function leavesOf(value: unknown, path: Leaf['path'] = []): readonly Leaf[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => leavesOf(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [{ path, value }];
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, [...path, name]));
}

function withValue(value: unknown, [step, ...rest]: Leaf['path'], edited: unknown): unknown {
  if (step === undefined) return edited;
  if (Array.isArray(value)) return value.map((item: unknown, index) => (index === step ? withValue(item, rest, edited) : item));
  const fields: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
  return { ...fields, [step]: withValue(fields[step], rest, edited) };
}
