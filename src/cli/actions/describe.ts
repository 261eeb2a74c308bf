import { describePodAmong, describeServiceAmong } from '../../operations/describe/describe.ts';
import { describeFormats } from '../../output/describe/formats.ts';
import type { DescribeOptions } from '../commands/describe.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMeshes } from '../open.ts';

/** Prints what affects a pod or a service. Gives the exit status. */
export async function describe(kind: 'pod' | 'service', name: string, options: DescribeOptions, io: Io): Promise<number> {
  const benches = await openMeshes(options, [], io);
  const description = (kind === 'pod' ? describePodAmong : describeServiceAmong)(benches, name);
  io.out((await describeFormats[options.output]())(description, benches[0].input.namespace));
  return EXIT.fine;
}
