import { run } from '../../src/cli/main.ts';
import { createFakeIo } from '../../test/support/fake-io.ts';

/** What a command did. */
export interface Outcome {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** Files by name, below the folder in which commands run. */
export type Files = Readonly<Record<string, string>>;

/** Runs a command of mesh over files in memory. */
export async function runMesh(argv: readonly string[], files: Files): Promise<Outcome> {
  const io = createFakeIo({ files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`/work/${name}`, text])) });
  const status = await run(argv, io);
  return { status, output: io.output(), errors: io.errors() };
}
