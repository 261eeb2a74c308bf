import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type FuzzInput, readValues } from './input.ts';
import type { Files } from './run.ts';
import type { Fault, Trial } from './trial.ts';

/** An input that has shown a fault, as it is kept in a folder. */
export interface Finding {
  readonly input: FuzzInput;
  /** What shows the fault; undefined for an input with which everything should be tried. */
  readonly trial: Trial | undefined;
}

/** Writes what shows a fault into a folder: `manifests`, `mesh.yaml`, `before`, `trial.json`, and `fault.txt` for people. */
export function writeFinding(
  folder: string,
  { manifests, meshConfig, before, surroundings }: FuzzInput,
  fault: Fault,
  note: string,
): void {
  rmSync(folder, { recursive: true, force: true });
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  for (const [name, text] of Object.entries(manifests)) write(join('manifests', name), text);
  for (const [name, text] of Object.entries(before)) write(join('before', name), text);
  if (meshConfig !== undefined) write('mesh.yaml', meshConfig);
  if (surroundings !== undefined) write('flags.json', `${JSON.stringify(surroundings)}\n`);
  write('trial.json', `${JSON.stringify(fault.trial)}\n`);
  write('fault.txt', `${note}\n${fault.kind}: ${fault.detail}\n\n${fault.text}\n`);
}

/** Reads what `writeFinding` has written. */
export function readFinding(folder: string): Finding {
  const filesIn = (name: string): Files => {
    const path = join(folder, name);
    if (!existsSync(path)) return {};
    return Object.fromEntries(readdirSync(path).map((file) => [file, readFileSync(join(path, file), 'utf8')]));
  };
  const meshFile = join(folder, 'mesh.yaml');
  const flagsFile = join(folder, 'flags.json');
  const trialFile = join(folder, 'trial.json');
  const texts: FuzzInput = {
    manifests: filesIn('manifests'),
    before: filesIn('before'),
    ...(existsSync(flagsFile) && { surroundings: JSON.parse(readFileSync(flagsFile, 'utf8')) as readonly string[] }),
    ...(existsSync(meshFile) && { meshConfig: readFileSync(meshFile, 'utf8') }),
  };
  // Other orders are tried of values.
  const values = readValues(texts);
  return {
    input: { ...texts, ...(values !== undefined && { values }) },
    trial: existsSync(trialFile) ? (JSON.parse(readFileSync(trialFile, 'utf8')) as Trial) : undefined,
  };
}
