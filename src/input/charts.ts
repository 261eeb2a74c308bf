import type { FileSystem } from '../source/file-system.ts';
import type { SourceText } from '../source/load.ts';
import { folderOf, isWithin } from '../source/walk.ts';

/** A Helm chart: a folder whose manifests are rendered from templates. */
export interface Chart {
  readonly folder: string;
  readonly file: string;
}

/** What a chart has beside its templates; https://helm.sh/docs/topics/charts/#the-chart-file-structure. */
const PARTS = /^(?:templates\/|charts\/|crds\/|ci\/|Chart\.ya?ml$|requirements\.ya?ml$|values[^/]*\.(?:ya?ml|json)$)/;

/** The charts of which parts are among the texts; a chart in the `charts` of another belongs to it. */
export function chartsOf(texts: readonly SourceText[], files: FileSystem): readonly Chart[] {
  const folders = new Set(texts.flatMap(({ file }) => mayBeCharts(file)));
  const charts = [...folders].filter((folder) => isChart(folder, files));
  return charts
    .filter((folder) => !charts.some((other) => other !== folder && isPartOf(`${folder}/Chart.yaml`, other)))
    .sort()
    .map((folder) => ({ folder, file: inFolder(folder, 'Chart.yaml') }));
}

/** Whether a file is a part of the chart in that folder. */
export function isPartOf(file: string, folder: string): boolean {
  if (folder === '.') return PARTS.test(file.replace(/^\.\//, ''));
  return isWithin(file, folder) && PARTS.test(file.slice(folder.length + 1));
}

/** The folders whose chart a file can be a part of. */
function mayBeCharts(file: string): readonly string[] {
  const name = file.slice(file.lastIndexOf('/') + 1);
  if (name === 'Chart.yaml') return [folderOf(file)];
  if (!file.includes('templates/')) return [];
  const parts = file.split('/');
  return parts.flatMap((part, index) => (part === 'templates' ? [parts.slice(0, index).join('/') || '.'] : []));
}

function isChart(folder: string, files: FileSystem): boolean {
  try {
    return files.kindOf(inFolder(folder, 'Chart.yaml')) === 'file';
  } catch {
    return false;
  }
}

function inFolder(folder: string, name: string): string {
  return folder === '.' ? name : `${folder}/${name}`;
}
