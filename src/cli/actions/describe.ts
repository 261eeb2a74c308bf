import { describePod, describeService } from '../../operations/describe/describe.ts';
import { describeFormats } from '../../output/describe/formats.ts';
import type { DescribeOptions } from '../commands/describe.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMesh } from '../open.ts';

/** Prints what affects a pod or a service. Gives the exit status. */
export async function describe(kind: 'pod' | 'service', name: string, options: DescribeOptions, io: Io): Promise<number> {
  const bench = await openMesh(options, [], io);
  const description = kind === 'pod' ? describePod(bench, name) : describeService(bench, name);
  io.out((await describeFormats[options.output]())(description, bench.input.namespace));
  return EXIT.fine;
}
