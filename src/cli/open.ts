import { loadInput, meshInputOf } from '../input/load.ts';
import type { InputOptions } from '../input/options.ts';
import { buildMesh } from '../model/build-mesh.ts';
import type { Mesh } from '../model/mesh.ts';
import { CommandError, EXIT } from './exit.ts';
import type { Io } from './io.ts';
import { printDiagnostics } from './report.ts';

/** A mesh that was read from manifests, and the namespace of names that say none. */
export interface LoadedMesh {
  readonly mesh: Mesh;
  readonly namespace: string;
}

/** Reads the manifests that the flags name. Mistakes are printed; an error among them ends the command. */
export async function loadMesh(options: InputOptions, io: Io): Promise<LoadedMesh> {
  const input = await loadInput(options, [], io);
  await printDiagnostics(input.diagnostics, io);
  if (input.diagnostics.some(({ severity }) => severity === 'error')) {
    throw new CommandError('the manifests have errors', EXIT.data);
  }
  return { mesh: buildMesh(meshInputOf(input)), namespace: input.namespace };
}
