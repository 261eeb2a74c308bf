import type { InputOptions } from '../../input/options.ts';
import { type DescribeContext, resourcesOf } from '../../operations/describe/context.ts';
import { describePod, describeService } from '../../operations/describe/describe.ts';
import { printedLines } from '../../output/escape/plain.ts';
import { memo } from '../../util/memo.ts';
import { nearestNames } from '../../util/nearest.ts';
import { noSuchPod, podNamedBy } from '../../workbench/pods.ts';
import { EXIT, usageError } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMesh } from '../open.ts';

/** Prints what affects a pod or a service. Gives the exit status. */
export async function describe(kind: 'pod' | 'service', text: string, options: InputOptions, io: Io): Promise<number> {
  const bench = await openMesh(options, [], io);
  const { mesh, session } = bench;
  const { namespace } = bench.input;
  const context: DescribeContext = { mesh, namespace, snapshotOf: memo(session.compile) };
  const lines =
    kind === 'service'
      ? describeService(context, named('service', text, resourcesOf(context, 'Service'), namespace))
      : describePod(context, podOf(context, text));
  io.out(printedLines(lines));
  return EXIT.fine;
}

/** The pod of a name, with a proxy or without. */
function podOf({ mesh, namespace }: DescribeContext, text: string): DescribeContext['mesh']['registry']['workloads'][number] {
  const pods = mesh.registry.workloads.filter(({ kind }) => kind === 'Pod');
  const found = podNamedBy(text, pods, namespace);
  if (found === undefined) throw noSuchPod('pod', text, pods, namespace);
  return found;
}

interface Named {
  readonly name: string;
  readonly namespace: string;
}

function find<T extends Named>(text: string, things: readonly T[], namespace: string): T | undefined {
  const is = (name: string, home: string): T | undefined =>
    things.find((thing) => thing.name === name && thing.namespace === home);
  const slash = text.indexOf('/');
  if (slash > 0) return is(text.slice(slash + 1), text.slice(0, slash));
  const dot = text.lastIndexOf('.');
  return is(text, namespace) ?? (dot > 0 ? is(text.slice(0, dot), text.slice(dot + 1)) : undefined);
}

function named<T extends Named>(what: string, text: string, things: readonly T[], namespace: string): T {
  const found = find(text, things, namespace);
  if (found !== undefined) return found;
  const spellings = new Map(
    things.flatMap(({ name, namespace: home }) =>
      [name, `${name}.${home}`, `${home}/${name}`].map((spelling): [string, string] => [spelling, `${home}/${name}`]),
    ),
  );
  const near = [...new Set(nearestNames(text, spellings.keys(), 6).map((spelling) => spellings.get(spelling) ?? spelling))];
  throw usageError(`no ${what} is named "${text}"${near.length > 0 ? `; did you mean ${near.join(', ')}?` : ''}`);
}
