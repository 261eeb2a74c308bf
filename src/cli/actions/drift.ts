import { compareWithRunning } from '../../diff/drift.ts';
import { type DumpedProxy, snapshotOfDump } from '../../envoy/dump-snapshot.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { driftFormats } from '../../output/drift/formats.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import type { DriftOptions } from '../commands/drift.ts';
import { EXIT, usageError } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMesh } from '../open.ts';
import { describeOrigin } from '../origins.ts';
import { readDumpFile } from '../read-dump.ts';

/** Prints how a running proxy departs from the manifests. Gives the exit status: 0 for no drift, 1 for some. */
export async function drift(file: string, options: DriftOptions, io: Io): Promise<number> {
  const dumped = snapshotOfDump(readDumpFile(file, io));
  const bench = await openMesh(options, [], io);
  const proxy = proxyOf(dumped, options.pod, bench);
  const expected = bench.session.compile(proxy);
  const changes = compareWithRunning(expected, dumped.snapshot, { endpoints: options.endpoints && dumped.hasEndpoints });
  const report = {
    proxy: `${proxy.namespace}/${proxy.name}`,
    changes,
    notes: dumped.hasEndpoints || !options.endpoints ? [] : ['endpoints are not compared: the dump was made without include_eds'],
    describeOrigin,
  };
  io.out((await driftFormats[options.output]())(report));
  return changes.length === 0 ? EXIT.fine : EXIT.failure;
}

/** Pods of a cluster are named otherwise than those that mesh makes up; their workloads are not. */
function proxyOf({ snapshot, workloadName }: DumpedProxy, pod: string | undefined, { mesh, findProxy }: Workbench): Proxy {
  if (pod !== undefined) return findProxy(pod);
  const { name, namespace: home } = snapshot.proxy;
  if (name === '') throw usageError('the dump does not tell of which pod it is: name the pod of the manifests with --pod');
  const inHome = mesh.proxies.filter((proxy) => proxy.namespace === home);
  return (
    inHome.find((proxy) => proxy.name === name) ??
    inHome.find((proxy) => proxy.workloadName === workloadName) ??
    findProxy(`${home}/${name}`)
  );
}
