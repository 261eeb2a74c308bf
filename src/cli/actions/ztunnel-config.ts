import { usageError } from '../../diagnostics/user-error.ts';
import { textOrNothing, ztunnelDumpIn } from '../../operations/dumps.ts';
import { ztunnelOf } from '../../operations/ztunnel-config/ztunnel.ts';
import type { ZtunnelConfigPart } from '../../output/ztunnel-config/choice.ts';
import { ztunnelConfigFormats } from '../../output/ztunnel-config/formats.ts';
import type { ZtunnelConfigOptions } from '../commands/ztunnel-config.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMesh } from '../open.ts';

/** Prints a part of what a ztunnel has, as manifests or the dump that `--file` names tell. Gives the exit status. */
export async function printZtunnelConfig(
  part: ZtunnelConfigPart,
  pod: string | undefined,
  options: ZtunnelConfigOptions,
  io: Io,
): Promise<number> {
  const { node, address = '', workloadNode = '', serviceNamespace = '', policyNamespace = '', direction = '' } = options;
  const text = textOfFile(options, io);
  const dumped = text === undefined ? undefined : ztunnelDumpIn(text);
  if ([dumped, pod, node].filter((each) => each !== undefined).length > 1) {
    throw usageError('at most one of a dump in --file, --node, or pod name must be passed');
  }
  // Standard input is there only once.
  const again = text !== undefined && options.file?.[0] === '-' ? { ...io, readStandardInput: () => text } : io;
  const { dump, workload } =
    dumped === undefined ? ztunnelOf(await openMesh(options, [], again), pod) : { dump: dumped, workload: undefined };
  const choice = {
    part,
    workloads: {
      name: workload?.name ?? '',
      namespace: workload?.namespace ?? options.workloadNamespace ?? '',
      address,
      node: workloadNode,
    },
    ...{ serviceNamespace, policyNamespace, direction },
    raw: options.raw ?? false,
    withHeaders: options.withHeaders ?? false,
    now: io.now(),
  };
  const print = await ztunnelConfigFormats[options.output]();
  io.out(print({ value: dump, text: (dumped && text) ?? JSON.stringify(dump, null, 2) }, choice));
  return EXIT.fine;
}

/** The text of the one file that is given; undefined for folders and patterns, which hold manifests. */
function textOfFile({ file: [file, ...others] = [] }: ZtunnelConfigOptions, io: Io): string | undefined {
  return file === undefined || others.length > 0 ? undefined : textOrNothing(file, io);
}
