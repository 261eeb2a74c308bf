import type { Graph } from '../../operations/reachability/graph.ts';
import { printedJson } from '../escape/json.ts';
import type { Printable } from '../escape/printable.ts';
import type { FormatTable } from '../format-table.ts';
import type { GraphPage } from './html.ts';
import { inWords, type WordedGraph } from './words.ts';

/** Formats of `mesh graph`; `html` is one page. */
export type GraphFormat = 'table' | 'json' | 'mermaid' | 'dot' | 'html';

type Page = () => GraphPage;

/** How the graph can be printed. */
export const graphFormats: FormatTable<GraphFormat, [graph: Graph, page: Page]> = {
  table: worded(async () => (await import('./table.ts')).formatGraphTable),
  json: worded(async () => (graph) => printedJson(graph)),
  mermaid: worded(async () => (await import('./drawing.ts')).formatGraphMermaid),
  dot: worded(async () => (await import('./drawing.ts')).formatGraphDot),
  html: worded(async () => (await import('./html.ts')).formatGraphHtml),
};

/** A format that is made of the graph in words. */
function worded(load: () => Promise<(graph: WordedGraph, page: Page) => Printable>) {
  return async (): Promise<(graph: Graph, page: Page) => Printable> => {
    const print = await load();
    return (graph, page) => print(inWords(graph), page);
  };
}
