import { loadEachCluster } from '../../input/load.ts';
import type { InputOptions, TargetOptions } from '../../input/options.ts';
import type { FollowOptions } from '../../operations/diff/follow-options.ts';
import { endsAllEqual } from '../../operations/diff/report.ts';
import { previewUpgrade } from '../../operations/upgrade/preview.ts';
import { changesRequests, hasUpgradeChanges, type UpgradeReport } from '../../operations/upgrade/report.ts';
import { targetOptions } from '../../operations/upgrade/target.ts';
import { upgradeFormats } from '../../output/upgrade/formats.ts';
import type { DiffOptions } from '../commands/diff.ts';
import type { UpgradeCheckOptions } from '../commands/upgrade-check.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { readEachOrStop } from '../open.ts';
import { ioWithRevisions } from '../read-configuration.ts';
import { countPassedOver, withProgress } from '../report.ts';

type PreviewOptions = Pick<UpgradeCheckOptions, 'output' | 'gateway' | keyof TargetOptions | keyof InputOptions>;

/** Prints what another control plane changes. Gives the exit status of `diff`: 0 when nothing changes, 1 when something does. */
export async function previewAsDiff(
  paths: readonly string[],
  options: PreviewOptions & Pick<DiffOptions, 'requests' | 'equal'>,
  io: Io,
): Promise<number> {
  const isProofWanted = options.equal === true;
  const report = await previewOf(paths, options, { requests: options.requests, isProofWanted }, io);
  const isChanged = hasUpgradeChanges(report);
  await print(report, isChanged, options, io);
  return (isProofWanted ? endsAllEqual(report) : !isChanged) ? EXIT.fine : EXIT.failure;
}

/** Prints what another control plane changes. Gives the exit status: 1 where requests end otherwise, 0 otherwise. */
export async function upgradeCheck(paths: readonly string[], options: UpgradeCheckOptions, io: Io): Promise<number> {
  const report = await previewOf(paths, options, { requests: true }, io);
  // Who asks wants to hear that nothing changes, too, and what Istio says of the release.
  await print(report, true, options, io);
  return changesRequests(report) ? EXIT.failure : EXIT.fine;
}

async function print(report: UpgradeReport, isWorthTelling: boolean, { output }: PreviewOptions, io: Io): Promise<void> {
  io.out((await upgradeFormats[output]())(report, isWorthTelling));
}

async function previewOf(
  paths: readonly string[],
  options: PreviewOptions,
  asked: Pick<FollowOptions, 'requests' | 'isProofWanted'>,
  io: Io,
): Promise<UpgradeReport> {
  const files = ioWithRevisions(io);
  const before = await readEachOrStop(options, paths, files, { asksApiServer: true });
  for (const { passedOver } of before) countPassedOver(passedOver, options, io);
  // What is wrong with it is part of the report.
  const after = await loadEachCluster(targetOptions(options, before), paths, files, { asksApiServer: true });
  return withProgress(io, 'places that requests go to', (onProgress) =>
    previewUpgrade(before, after, { ...asked, gateway: options.gateway, now: io.now(), onProgress }),
  );
}
