import { Command, InvalidArgumentError, Option } from 'commander';
import type { Severity } from '../../diagnostics/diagnostic.ts';
import type { InputOptions } from '../../input/options.ts';
import { type FindingFormat, findingFormats } from '../../output/findings/formats.ts';
import { formatNames } from '../../output/format-table.ts';
import type { CommandContext } from '../context.ts';
import { addApiServerOptions, addInputOptions, CLUSTERS, collect, KUSTOMIZE, WATCH } from '../options.ts';
import { runWatched } from '../watch.ts';

const FINDING_FORMATS = formatNames(findingFormats);

/** A format and the file that gets it; standard output where none is named. */
export interface OutputChoice {
  readonly format: FindingFormat;
  readonly file?: string;
}

export interface AnalyzeOptions extends InputOptions {
  readonly output?: readonly OutputChoice[];
  readonly allNamespaces?: boolean;
  readonly failureThreshold: Severity;
  readonly outputThreshold: Severity;
  readonly suppress?: readonly string[];
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly listAnalyzers?: boolean;
  readonly analyzer?: readonly string[];
  readonly color?: boolean;
  readonly partial?: boolean;
  readonly groupByFolder?: boolean;
  readonly verify: 'auto' | 'always' | 'never';
  readonly watch?: boolean;
}

/** `mesh analyze`. */
export function analyzeCommand({ io, finish }: CommandContext): Command {
  const command = new Command('analyze')
    .description('look for mistakes, in single resources and between them')
    .argument('[path...]', 'files, folders or patterns; - for standard input');
  return (
    addApiServerOptions(addInputOptions(command, new Option(...KUSTOMIZE).argParser(kustomizationOrUseKube), undefined, CLUSTERS))
      .addOption(
        new Option('-o, --output <format[=file]>', 'how to print; can be repeated').choices(FINDING_FORMATS).argParser(addOutput),
      )
      .option(
        '-A, --all-namespaces',
        'all namespaces, as istioctl has them: what names none stays without (without -A and -n: all, in "default")',
      )
      .addOption(threshold('--failure-threshold <level>', 'exit with 79 when there are findings of this level or worse', 'error'))
      .addOption(threshold('--output-threshold <level>', 'print findings of this level or worse only', 'info'))
      .option('-S, --suppress <code=resource>', 'leave a finding out: IST0103="Pod *.testing"; can be repeated', collect)
      .option('--baseline <file>', 'leave out the findings that this file lists')
      .option('--write-baseline <file>', 'write the findings into a file for --baseline')
      .option('-L, --list-analyzers', 'list the analyzers and do nothing else')
      .option('--analyzer <analyzer>', 'run this analyzer only; can be repeated', collect)
      .addOption(new Option('--color [when]', 'colour').choices(['true', 'false']).argParser(readBoolean))
      .addOption(new Option('--assume-complete', 'take what is not in the input not to exist (the default)').conflicts('partial'))
      .option('--partial', 'the input is only a part: what could be elsewhere is no more than a hint')
      .option('--group-by-folder', 'folders that hold variants of one resource apart, each with what is around them once')
      .addOption(
        new Option(
          '--verify <when>',
          'checks that compile the configuration of proxies; auto lets one stand for many in large inputs',
        )
          .choices(['auto', 'always', 'never'])
          .default('auto'),
      )
      .option(...WATCH)
      .addOption(new Option('--meshConfigFile <file>', 'as --mesh-config').hideHelp())
      .addOption(new Option('-R, --recursive', 'folders are always read recursively').hideHelp())
      // Flags of istioctl that have no effect without a cluster.
      .addOption(new Option('-r, --revision <name>', 'no effect').hideHelp())
      .addOption(new Option('--timeout <duration>', 'no effect').hideHelp())
      .addOption(new Option('--use-kube [value]', 'only false: there is no cluster').argParser(readBoolean).hideHelp())
      .action(
        async (
          paths: readonly string[],
          options: AnalyzeOptions & { readonly useKube?: boolean; readonly meshConfigFile?: string },
        ) => {
          if (options.useKube === true)
            command.error('error: mesh reads files only; there is no --use-kube=true', { exitCode: 64 });
          const meshConfig = options.meshConfig ?? options.meshConfigFile;
          const { analyze } = await import('../actions/analyze.ts');
          const given = { ...options, ...(meshConfig !== undefined && { meshConfig }) };
          finish(await runWatched(options, io, (seen) => analyze(paths, given, seen)));
        },
      )
  );
}

function addOutput(value: string, earlier: readonly OutputChoice[] = []): readonly OutputChoice[] {
  const equals = value.indexOf('=');
  const name = (equals === -1 ? value : value.slice(0, equals)).toLowerCase();
  const format = FINDING_FORMATS.find((known) => known === name);
  if (format === undefined) throw new InvalidArgumentError(`Allowed formats are ${FINDING_FORMATS.join(', ')}.`);
  const file = value.slice(equals + 1);
  if (equals !== -1 && file === '') throw new InvalidArgumentError(`No file is named after "${name}=".`);
  return [...earlier, equals === -1 ? { format } : { format, file }];
}

const severities: readonly Severity[] = ['error', 'warning', 'info'];

function threshold(flags: string, about: string, fallback: Severity): Option {
  const read = (value: string): Severity => {
    const found = severities.find((severity) => severity === value.toLowerCase());
    if (found === undefined) throw new InvalidArgumentError('Allowed levels are Info, Warning, Error.');
    return found;
  };
  return new Option(flags, about).choices(['Info', 'Warning', 'Error']).argParser(read).default(fallback);
}

/** What -k names; in istioctl it is short for --use-kube, so that it may also say that there is no cluster. */
function kustomizationOrUseKube(value: string, earlier: readonly string[] = []): readonly string[] {
  if (/^=?(false|f|0)$/i.test(value)) return earlier;
  if (/^=?(true|t|1)$/i.test(value)) throw new InvalidArgumentError('mesh reads files only; there is no --use-kube=true.');
  return [...earlier, value];
}

function readBoolean(value: string): boolean {
  if (/^(true|t|1)$/i.test(value)) return true;
  if (/^(false|f|0)$/i.test(value)) return false;
  throw new InvalidArgumentError('Allowed values are true and false.');
}
