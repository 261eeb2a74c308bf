import type { Graph } from '../../operations/reachability/graph.ts';
import { printedJson } from '../escape/json.ts';
import type { FormatTable } from '../format-table.ts';
import type { GraphPage } from './html.ts';
import { inWords } from './words.ts';

/** Formats of `mesh graph`; `html` is one page. */
export type GraphFormat = 'table' | 'json' | 'mermaid' | 'dot' | 'html';

/** How the graph can be printed. */
export const graphFormats: FormatTable<GraphFormat, [graph: Graph, page: () => GraphPage]> = {
  table: async () => {
    const { formatGraphTable } = await import('./table.ts');
    return (graph) => formatGraphTable(inWords(graph));
  },
  json: async () => (graph) => printedJson(inWords(graph)),
  mermaid: async () => {
    const { formatGraphMermaid } = await import('./drawing.ts');
    return (graph) => formatGraphMermaid(inWords(graph));
  },
  dot: async () => {
    const { formatGraphDot } = await import('./drawing.ts');
    return (graph) => formatGraphDot(inWords(graph));
  },
  html: async () => {
    const { formatGraphHtml } = await import('./html.ts');
    return (graph, page) => formatGraphHtml(inWords(graph), page());
  },
};
