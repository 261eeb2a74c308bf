import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { run } from '../../src/cli/main.ts';
import { createFakeIo, type FakeWorld } from './fake-io.ts';

const root = resolve(import.meta.dirname, '../../fixtures/faults');

/** What a command did. */
export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs mesh in a folder that holds the inputs of a fault (fixtures/faults), and further files. */
export function inFault(
  name: string,
  more: Readonly<Record<string, string>> = {},
  world: Omit<FakeWorld, 'files'> = {},
): (...args: readonly string[]) => Promise<Ran> {
  const folder = join(root, name);
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const files = {
    ...Object.fromEntries(names.map((file) => [`/work/${file}`, readFileSync(join(folder, file), 'utf8')])),
    ...Object.fromEntries(Object.entries(more).map(([file, text]) => [`/work/${file}`, text])),
  };
  return async (...args) => {
    const io = createFakeIo({ ...world, files });
    const status = await run(args, io);
    return { status, out: io.output(), err: io.errors() };
  };
}
