import { usageError } from '../../diagnostics/user-error.ts';
import { recommendAuthorization } from '../../operations/recommend/authorization/recommend-authorization.ts';
import { groundOf, wantedWorkloads } from '../../operations/recommend/callers.ts';
import { readCallSources } from '../../operations/recommend/read-sources.ts';
import { recommendSidecars } from '../../operations/recommend/sidecar/recommend-sidecars.ts';
import { authorizationAdviceFormats, sidecarAdviceFormats } from '../../output/recommend/formats.ts';
import type { RecommendOptions } from '../commands/recommend.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMesh } from '../open.ts';
import { tellLines, withProgress } from '../report.ts';

/** Prints the least configuration of a kind. Gives the exit status. */
export async function recommend(
  kind: 'sidecar' | 'authorization',
  names: readonly string[],
  { per, detail = 'paths', complete = false, output, ...options }: RecommendOptions,
  io: Io,
): Promise<number> {
  if (options.cluster !== undefined) throw usageError('mesh recommend is about one cluster: name its manifests with -f');
  const ground = groundOf(await openMesh(options, [], io));
  const sources = readCallSources(options, io);
  const question = { workloads: wantedWorkloads(ground, names, options.namespace), per, detail, isComplete: complete };
  const { text, notes } =
    kind === 'sidecar'
      ? (await sidecarAdviceFormats[output]())(
          await withProgress(io, 'Sidecars', (onProgress) => recommendSidecars(ground, sources, question, onProgress)),
        )
      : (await authorizationAdviceFormats[output]())(
          await withProgress(io, 'calls', (onProgress) => recommendAuthorization(ground, sources, question, onProgress)),
        );
  io.out(text);
  tellLines(notes, io);
  return EXIT.fine;
}
