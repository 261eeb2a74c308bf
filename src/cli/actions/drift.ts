import { snapshotOfDump } from '../../envoy/dump-snapshot.ts';
import { findDrift } from '../../operations/drift/drift.ts';
import { readDumpFile } from '../../operations/dumps.ts';
import { driftFormats } from '../../output/drift/formats.ts';
import type { DriftOptions } from '../commands/drift.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMeshes } from '../open.ts';

/** Prints how a running proxy departs from the manifests. Gives the exit status: 0 for no drift, 1 for some. */
export async function drift(file: string, options: DriftOptions, io: Io): Promise<number> {
  const dumped = snapshotOfDump(readDumpFile(file, io));
  const report = findDrift(await openMeshes(options, [], io), dumped, options);
  io.out((await driftFormats[options.output]())(report));
  return report.changes.length === 0 ? EXIT.fine : EXIT.failure;
}
