import { usageError } from '../../diagnostics/user-error.ts';
import type { Listener } from '../../envoy/api.gen.ts';
import { snapshotOfDump } from '../../envoy/dump-snapshot.ts';
import type { InputOptions } from '../../input/options.ts';
import { readDumpFile } from '../../operations/dumps.ts';
import { authorizationFormats } from '../../output/authz/formats.ts';
import { findAmong } from '../../workbench/clusters.ts';
import type { AuthorizationOptions } from '../commands/authz.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMeshes } from '../open.ts';

/** Prints the policies at a proxy: of a pod in the manifests, or, without a pod, of the dump that `--file` names. */
export async function authzCheck(pod: string | undefined, options: AuthorizationOptions, io: Io): Promise<number> {
  const listeners = pod === undefined ? listenersOfDump(options, io) : await listenersOfPod(pod, options, io);
  io.out((await authorizationFormats[options.output]())(listeners));
  return EXIT.fine;
}

function listenersOfDump({ file: files = [] }: InputOptions, io: Io): readonly Listener[] {
  const [file, ...others] = files;
  if (file === undefined) throw usageError('authz check needs the name of a pod, or --file with a dump of a running Envoy');
  if (others.length > 0) throw usageError('without the name of a pod, --file names one dump: give it once');
  return snapshotOfDump(readDumpFile(file, io)).snapshot.listeners;
}

async function listenersOfPod(pod: string, options: InputOptions, io: Io): Promise<readonly Listener[]> {
  const { bench, proxy } = findAmong(await openMeshes(options, [], io), pod);
  return bench.session.compile(proxy).listeners;
}
