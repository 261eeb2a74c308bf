import type { Graph } from '../../operations/reachability/graph.ts';
import { printedJson } from '../escape/json.ts';
import type { Printable } from '../escape/printable.ts';
import { formatGraphDot, formatGraphMermaid } from './drawing.ts';
import { formatGraphHtml } from './html.ts';
import { formatGraphTable } from './table.ts';
import { inWords, type WordedGraph } from './words.ts';

type GraphFormat = 'table' | 'json' | 'mermaid' | 'dot' | 'html';

const formats: Readonly<Record<GraphFormat, (graph: WordedGraph) => Printable>> = {
  table: formatGraphTable,
  json: (graph) => printedJson(graph),
  mermaid: formatGraphMermaid,
  dot: formatGraphDot,
  html: formatGraphHtml,
};

/** The graph in one of the formats of `mesh graph`. */
export function formatGraph(graph: Graph, format: GraphFormat): Printable {
  return formats[format](inWords(graph));
}
