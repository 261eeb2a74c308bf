import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { withoutRepeats } from '../../diagnostics/places.ts';
import { usageError } from '../../diagnostics/user-error.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { type EarlierStage, stageData } from '../../operations/stages/stage-data.ts';
import { type CompiledProxy, compiledProxy } from '../../operations/translate/compiled-proxy.ts';
import { printedJson } from '../../output/escape/json.ts';
import { printedLines } from '../../output/escape/plain.ts';
import { concatenated, type Printable } from '../../output/escape/printable.ts';
import { concatenatedBytes } from '../../output/escape/private-keys.ts';
import { proxyFileName } from '../../output/translate/file-name.ts';
import { translateFormats } from '../../output/translate/formats.ts';
import type { ProxyPrinter } from '../../output/translate/proxy-printer.ts';
import { findStaleFiles, staleWords } from '../../output/translate/stale-files.ts';
import { append } from '../../util/collections.ts';
import { type ProxyOfBench, selectProxies } from '../../workbench/clusters.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import type { TranslateOptions } from '../commands/translate.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMeshes } from '../open.ts';
import { printDiagnostics, withProgress } from '../report.ts';

/**
 * Compiles manifests and prints the xDS of the proxies, or writes it to a folder. Gives the exit status. When the input has
 * an error, nothing is printed or written.
 */
export async function translate(paths: readonly string[], options: TranslateOptions, io: Io): Promise<number> {
  if (options.prune === true && options.outDir === undefined)
    throw usageError('--prune removes files of the folder of --out-dir');
  if (options.outDir === '') throw usageError('--out-dir names no folder');
  const benches = await openMeshes(options, paths, io);
  if (options.stage !== 'xds' && benches.some(({ input }) => input.cluster !== undefined)) {
    throw usageError(`--stage ${options.stage} shows the work on one cluster: name its manifests with -f`);
  }
  const [bench] = benches;
  if (options.stage === 'documents' && bench !== undefined) return printStage(options.stage, bench, [], io);
  printDiagnostics(withoutRepeats(benches.flatMap(({ mesh, judge }) => judge(mesh.notes))), io);
  const proxies = selectProxies(benches, options.proxy);
  if (proxies.length === 0) io.err(warn('the manifests have no pod that is in the mesh, so there is no proxy to configure'));
  if (options.stage !== 'xds' && bench !== undefined) {
    return printStage(
      options.stage,
      bench,
      proxies.map(({ proxy }) => proxy),
      io,
    );
  }
  const { withSecrets = false } = options;
  const printer = (await translateFormats[options.output]())({ toFiles: options.outDir !== undefined, withSecrets });
  const work: Work = { proxies, benches, withSecrets, printer };
  if (options.outDir !== undefined) {
    return writeFolder({ path: options.outDir, prune: options.prune === true }, work, io);
  }
  if (printer.isSingle && proxies.length > 1) {
    throw usageError(`-o ${options.output} is for one proxy: choose one of ${proxies.length} with --proxy, or use --out-dir`);
  }
  return print(work, io);
}

function warn(...texts: readonly string[]): Printable {
  return printedLines(texts.map((text) => `warning: ${text}`));
}

function printStage(stage: EarlierStage, bench: Workbench, proxies: readonly Proxy[], io: Io): number {
  io.out(printedJson(stageData(stage, bench, proxies)));
  return EXIT.fine;
}

/** What is compiled and how it is printed. */
interface Work {
  readonly proxies: readonly ProxyOfBench[];
  readonly benches: readonly Workbench[];
  readonly withSecrets: boolean;
  readonly printer: ProxyPrinter;
}

/** Compiles one proxy after the other; what is noted about several of them is said once. */
async function forEachProxy(
  { proxies, benches, withSecrets }: Work,
  io: Io,
  use: (compiled: CompiledProxy, proxy: Proxy, index: number) => boolean,
): Promise<void> {
  const notes = new Map<Workbench, Diagnostic[]>();
  await withProgress(io, 'proxies', async (onProgress) => {
    for (const [index, { bench, proxy }] of proxies.entries()) {
      const compiled = compiledProxy(bench.session, proxy, { withSecrets });
      for (const note of compiled.snapshot.notes) append(notes, bench, note);
      if (!use(compiled, proxy, index)) break;
      onProgress(index + 1, proxies.length);
      await io.pause();
    }
  });
  const judged = benches.flatMap((bench) => bench.judge([...(notes.get(bench) ?? []), ...bench.session.patchNotes()]));
  printDiagnostics(withoutRepeats(judged), io);
}

async function print(work: Work, io: Io): Promise<number> {
  const { proxies, printer } = work;
  const { before, after, empty, opening, member } = printer.stream;
  const ztunnel = ztunnelOf(work);
  if (proxies.length === 0) {
    io.out(ztunnel?.after(true) ?? empty);
    return EXIT.fine;
  }
  let isOpen = true;
  await forEachProxy(work, io, (compiled, _, index) => {
    if (printer.isSingle) {
      const { content, warnings } = printer.file(compiled);
      io.err(warn(...warnings));
      isOpen = io.out(typeof content === 'string' ? content : concatenatedBytes(content));
    } else {
      const isFirst = index === 0;
      isOpen = io.out(concatenated([...(isFirst ? [before] : []), opening(compiled, isFirst)])) && io.out(member(compiled));
    }
    return isOpen;
  });
  if (isOpen) io.out(ztunnel?.after(false) ?? after);
  return EXIT.fine;
}

/** What every ztunnel gets, printed; undefined without ambient mode, and where the format has no place for it. */
function ztunnelOf({ benches: [bench], printer: { ztunnel } }: Work) {
  const config = bench?.session.ztunnel();
  if (config === undefined || ztunnel === undefined) return undefined;
  return { file: () => ztunnel.file(config), after: (withoutProxies: boolean) => ztunnel.after(config, withoutProxies) };
}

/** Where files go, and whether those of proxies that are gone are taken away. */
interface Target {
  readonly path: string;
  readonly prune: boolean;
}

async function writeFolder({ path, prune }: Target, work: Work, io: Io): Promise<number> {
  const { benches, printer } = work;
  const folder = io.openFolder(path);
  try {
    await forEachProxy(work, io, (compiled, proxy) => {
      const { content, warnings } = printer.file(compiled);
      io.err(warn(...warnings));
      folder.write(proxyFileName(proxy, printer.extension), content);
      return true;
    });
    const ztunnel = ztunnelOf(work);
    if (ztunnel !== undefined) folder.write(`ztunnel.${printer.extension}`, ztunnel.file());
    const stale = findStaleFiles(
      path,
      benches.flatMap(({ mesh }) => mesh.proxies),
      io,
    );
    if (prune) for (const name of stale) folder.remove(name);
    folder.commit();
    if (stale.length > 0) io.err(printedLines([staleWords(stale, path, prune)]));
  } finally {
    folder.discard();
  }
  return EXIT.fine;
}
