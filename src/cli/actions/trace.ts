import { readClaims } from '../../input/claims.ts';
import { followAmong } from '../../operations/trace/follow.ts';
import { readQuestion } from '../../operations/trace/question.ts';
import { traceFormats } from '../../output/trace/formats.ts';
import { openForRequests } from '../../workbench/clusters.ts';
import { locateOrigin } from '../../workbench/locate.ts';
import type { TraceOptions } from '../commands/trace.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMeshes } from '../open.ts';

/** Follows one request and prints the way that it takes. Gives the exit status. */
export async function trace(call: { method?: string; url: string }, options: TraceOptions, io: Io): Promise<number> {
  const claims = options.jwtClaims === undefined ? undefined : readClaims(options.jwtClaims, io);
  const question = readQuestion({ ...options, ...call, claims });
  const benches = await openMeshes(options, [], io, openForRequests);
  const printing = { locate: locateOrigin, isVerbose: options.verbose === true };
  io.out((await traceFormats[options.output]())(followAmong(benches, question, io.now()), printing));
  return EXIT.fine;
}
